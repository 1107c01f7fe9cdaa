import assert from 'node:assert/strict';
import { once } from 'node:events';
import { access, mkdir, mkdtemp, readdir, rm, unlink, writeFile } from 'node:fs/promises';
import { connect as connectSocket, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, before, beforeEach, describe, it } from 'mocha';
import type { BuildResult } from '../../src/build/build';
import { buildProject, cleanProject, readArtifact } from '../../src/build/build';
import { readElf } from '../../src/image/elf';
import { readReport } from '../../src/build/report';
import { findInstallation } from '../../src/installation';
import { loadProject } from '../../src/project/load';
import type { Engine } from '../../src/toolchain';
import { openEngine } from '../../src/toolchain';
import { connect } from '../../src/toolchain/docker/connection';
import { descendants } from './processes';

const { toolchains, libraryOs } = findInstallation(__dirname);
const main = '#include <stdio.h>\n#include "greet.h"\nint main(void) { printf("%s\\n", greet()); return 0; }\n';
const greet = '#include "greet.h"\nconst char *greet(void) { return "hello"; }\n';

/** A source that takes the compiler long. */
const slow = `#define A(x) x x x x x x x x x x\nint f(int a) { ${'A(A(A(A(a++;))))\n'.repeat(150)} return a; }\n`;

function open(id: 'docker' | 'host', environment: NodeJS.ProcessEnv = process.env): Promise<Engine> {
  return openEngine(id, { toolchains, libraryOs, environment }, new AbortController().signal);
}

for (const id of ['docker', 'host'] as const) {
  describe(`building with the ${id} engine`, function () {
    // Making the toolchain on a bare machine.
    this.timeout(600_000);
    let engine: Engine;
    let folder: string;
    let output: string;

    before(async function () {
      if (id === 'docker' && process.env['UNIKERNEL_ENGINE'] === 'host') {
        console.log('skipped: no container engine can run here');
        this.skip();
      }
      engine = await open(id);
    });

    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'unikernel-build-'));
      await mkdir(join(folder, 'src'));
      await writeFile(join(folder, 'unikernel.json'), '{"name": "app", "language": "c"}');
      await writeFile(join(folder, 'src', 'main.c'), main);
      await writeFile(join(folder, 'src', 'greet.c'), greet);
      await writeFile(join(folder, 'src', 'greet.h'), 'const char *greet(void);\n');
    });

    afterEach(async () => {
      await engine.close(folder);
      await rm(folder, { recursive: true, force: true });
    });

    async function build(signal = new AbortController().signal, using = engine): Promise<BuildResult[]> {
      const { project } = await loadProject(folder);
      assert.ok(project);
      output = '';
      return buildProject(project, project.configuration.targets, {
        engine: using,
        toolchainsFolder: toolchains,
        libraryOsFolder: libraryOs,
        progress: () => undefined,
        onOutput: (_, text) => {
          output += text;
        },
        signal,
      });
    }

    const compiled = (): string[] => [...output.matchAll(/Compile (src\/\S+)/g)].map(([, file]) => file!).sort();

    /** What still builds: in the project's container, or started by this process. */
    async function processes(): Promise<(string | number)[]> {
      if (id === 'host')
        return (await Promise.all(['ninja', 'cc1'].map((name) => descendants(process.pid, name)))).flat();
      const { docker } = await connect(process.env, new AbortController().signal);
      const [found] = await docker.listContainers({ filters: { label: [`unikernel-tools.project=${folder}`] } });
      if (found === undefined) return [];
      const { Processes: rows } = (await docker.getContainer(found.Id).top()) as { Processes: string[][] };
      return rows.map((row) => row.at(-1) ?? '').filter((command) => !/init|idle|sleep/.test(command));
    }

    it('makes both architectures, then only what changed, then nothing', async () => {
      const results = await build();
      assert.deepEqual(
        results.map(({ exitCode, problems }) => ({ exitCode, problems })),
        [
          { exitCode: 0, problems: [] },
          { exitCode: 0, problems: [] },
        ],
      );
      for (const architecture of ['x86_64', 'aarch64'] as const) {
        const artifact = await readArtifact(folder, architecture);
        assert.equal((await readElf(artifact.image)).machine, architecture);
        assert.ok((await readElf(artifact.symbols)).findSymbol('greet'));
        const report = await readReport(artifact.report);
        assert.ok(report.systemCalls.reached.includes('writev'));
        const written = report.systemCalls.paths['writev']!;
        assert.deepEqual([written[0], written.at(-1)], ['main', '__stdio_write'], JSON.stringify(written));
        assert.ok(report.parts.some(({ name, bytes }) => name === 'program' && bytes > 0));
        const files = await readdir(join(folder, 'build', architecture));
        assert.ok(!files.some((name) => name.startsWith('.')), 'no temporary file is left');
      }
      await writeFile(join(folder, 'src', 'greet.c'), greet.replace('hello', 'good day'));
      await build();
      assert.deepEqual(compiled(), ['src/greet.c', 'src/greet.c']);
      await build();
      assert.deepEqual(compiled(), []);
      assert.match(output, /no work to do/);
    });

    it('forgets a source that was deleted', async () => {
      await build();
      await unlink(join(folder, 'src', 'greet.c'));
      const [result] = await build();
      assert.notEqual(result?.exitCode, 0);
      assert.match(result!.problems.map(({ message }) => message).join('\n'), /undefined reference to `greet'/);
      assert.equal(result?.artifact, undefined);
    });

    it('turns what the compiler refuses into problems at their place', async () => {
      await writeFile(
        join(folder, 'src', 'greet.c'),
        '#include "greet.h"\nconst char *greet(void) { return nothing; }\n',
      );
      const [result] = await build();
      assert.equal(result?.artifact, undefined);
      const error = result?.problems.find(({ severity }) => severity === 'error');
      assert.deepEqual(
        { file: error?.file, line: error?.line, column: error?.column },
        { file: join(folder, 'src', 'greet.c'), line: 2, column: 34 },
      );
    });

    it('is cancelled within a second and leaves no process', async () => {
      await build();
      await writeFile(join(folder, 'src', 'slow.c'), slow);
      const cancel = new AbortController();
      let cancelled = 0;
      const timer = setTimeout(() => {
        cancelled = performance.now();
        cancel.abort();
      }, 1200);
      await assert.rejects(build(cancel.signal), { name: 'AbortError' });
      clearTimeout(timer);
      assert.ok(cancelled > 0, 'the build ended before it was cancelled');
      const milliseconds = performance.now() - cancelled;
      assert.ok(milliseconds < 1000, `${milliseconds} ms`);
      assert.deepEqual(await processes(), []);
      await unlink(join(folder, 'src', 'slow.c'));
      assert.equal((await build())[0]?.exitCode, 0);
    });

    if (id === 'docker') {
      it('says so when the container is killed under it', async () => {
        await build();
        await writeFile(join(folder, 'src', 'slow.c'), slow);
        const pending = build();
        setTimeout(() => void engine.close(folder), 1000);
        await assert.rejects(pending, { code: 'engine.stopped' });
      });

      it('says so when the engine stops under it, and builds again when it is back', async () => {
        const relay = await Relay.start(join(folder, 'engine.sock'));
        try {
          const relayed = await open('docker', { ...process.env, DOCKER_HOST: relay.address });
          await build(undefined, relayed);
          await writeFile(join(folder, 'src', 'slow.c'), slow);
          const pending = build(undefined, relayed);
          setTimeout(() => void relay.stop(), 1000);
          await assert.rejects(pending, { code: 'engine.stopped' });
          await assert.rejects(build(undefined, relayed), { code: 'engine.failed' });
        } finally {
          await relay.stop();
        }
        // An engine that really stopped took its containers with it.
        await engine.close(folder);
        await unlink(join(folder, 'src', 'slow.c'));
        assert.equal((await build())[0]?.exitCode, 0);
      });
    }

    it('cleans up', async () => {
      await build();
      await cleanProject(folder, engine);
      await assert.rejects(access(join(folder, 'build')));
      await assert.rejects(readArtifact(folder, 'x86_64'), { code: 'build.missing' });
      assert.deepEqual(await processes(), []);
    });
  });
}

/** Stands between a client and the engine, so that the engine can go away for that client alone. */
class Relay {
  private readonly sockets = new Set<Socket>();
  private constructor(
    readonly address: string,
    private readonly server: ReturnType<typeof createServer>,
  ) {}

  static async start(path: string): Promise<Relay> {
    const { docker } = await connect(process.env, new AbortController().signal);
    const { socketPath, host, port } = docker.modem as { socketPath?: string; host?: string; port?: number };
    const server = createServer((client) => {
      const engine = socketPath === undefined ? connectSocket(port ?? 2375, host) : connectSocket(socketPath);
      for (const socket of [client, engine]) relay.sockets.add(socket.on('error', () => undefined));
      client.pipe(engine).pipe(client);
    });
    const relay = new Relay(`unix://${path}`, server);
    await once(server.listen(path), 'listening');
    return relay;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    if (this.server.listening) await once(this.server.close(), 'close');
  }
}
