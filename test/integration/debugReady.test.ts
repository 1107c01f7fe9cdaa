import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { readArtifact } from '../../src/build/build';
import { targets, type Architecture } from '../../src/targets';
import { DebugAdapter } from './debugAdapter';
import { unikernel } from './unikernel';

/** A program of another compiler: it adds 1 and 2 to 40, and ends with the sum. */
interface Program {
  readonly file: string;
  readonly source: string;
  readonly command: (architecture: Architecture, source: string, output: string) => [string, ...string[]];
  readonly environment?: (architecture: Architecture) => Record<string, string>;
  /** The function of the loop, as gdb names it. */
  readonly main: string;
}

const programs: Readonly<Record<string, Program>> = {
  'C with glibc': {
    file: 'main.c',
    source: `int main(void)
{
    int total = 40;
    for (int i = 1; i < 3; i++)
        total += i; /* here */
    return total;
}
`,
    command: (architecture, source, output) => [
      `${architecture}-linux-gnu-gcc`,
      ...['-g', '-static', '-no-pie', '-o', output, source],
    ],
    main: 'main',
  },
  Go: {
    file: 'main.go',
    source: `package main

import "os"

func main() {
	total := 40
	for i := 1; i < 3; i++ {
		total += i // here
	}
	os.Exit(total)
}
`,
    command: (_, source, output) => ['go', 'build', '-gcflags=-N -l', '-o', output, source],
    environment: (architecture) => ({
      ...{ CGO_ENABLED: '0', GO111MODULE: 'off' },
      GOARCH: architecture === 'x86_64' ? 'amd64' : 'arm64',
    }),
    main: 'main.main',
  },
  Rust: {
    file: 'main.rs',
    source: `fn main() {
    let mut total = 40;
    for i in 1..3 {
        total += i; // here
    }
    std::process::exit(total);
}
`,
    command: (architecture, source, output) => [
      '/usr/bin/rustc',
      ...['-g', '-C', 'target-feature=+crt-static', '-C', 'relocation-model=static'],
      ...['--target', `${architecture}-unknown-linux-gnu`, '-C', `linker=${architecture}-linux-gnu-gcc`],
      ...['-o', output, source],
    ],
    main: 'main::main',
  },
};

for (const [language, { file, source, command, environment, main }] of Object.entries(programs)) {
  describe(`a ready program in ${language}`, function () {
    this.timeout(300_000);
    let parent: string;
    let folder: string;

    before(async function () {
      parent = await mkdtemp(join(tmpdir(), 'ready-'));
      folder = join(parent, 'ready');
      const { execa } = await import('execa');
      await mkdir(folder);
      await writeFile(join(folder, file), source);
      for (const architecture of ['x86_64', 'aarch64'] as const) {
        const [compiler, ...words] = command(architecture, join(folder, file), join(folder, architecture));
        const made = await execa(compiler, words, {
          cwd: folder,
          env: environment?.(architecture) ?? {},
          reject: false,
        });
        if (made.code === 'ENOENT') {
          console.log(`skipped: ${compiler} is not installed`);
          this.skip();
        }
        assert.equal(made.exitCode, 0, made.stderr);
      }
      const program = { x86_64: 'x86_64', aarch64: 'aarch64' };
      const project = { name: 'ready', language: 'elf', program, memory: '256M' };
      await writeFile(join(folder, 'unikernel.json'), JSON.stringify(project));
      const built = await unikernel(folder, 'build');
      assert.equal(built.exitCode, 0, built.stdout + built.stderr);
    });
    after(async () => {
      await unikernel(folder, 'clean');
      await rm(parent, { recursive: true });
    });

    for (const target of targets) {
      it(`stops in its own source on ${target.id}`, async () => {
        const { image, symbols, sourceMap, memory } = await readArtifact(folder, target.architecture);
        const path = join(folder, file);
        const line = source.split('\n').findIndex((text) => text.includes('here')) + 1;
        const adapter = await DebugAdapter.start();
        try {
          const { frame } = await adapter.runToStop(() =>
            adapter.launchGuest({ target: target.id, kernel: image, symbols, sourceMap, memory }, () =>
              adapter.setBreakpointsRequest({ source: { path }, breakpoints: [{ line }] }),
            ),
          );
          assert.deepEqual([frame.name, frame.line, frame.source?.path], [main, line, path]);
          assert.equal(await adapter.evaluate('total', frame), '40');
          const { frame: again } = await adapter.runToStop(() => adapter.continue());
          assert.equal(await adapter.evaluate('total', again), '41');
          await adapter.setBreakpointsRequest({ source: { path }, breakpoints: [] });
          const status = adapter.exitStatus();
          await adapter.continue();
          assert.equal(await status, 43);
        } finally {
          await adapter.stop();
        }
      });
    }
  });
}
