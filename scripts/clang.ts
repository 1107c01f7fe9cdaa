import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { globSync } from 'tinyglobby';

// Has clang compile what gcc compiles for the product, and clang-tidy look at it as .clang-tidy says, for both architectures.

/** Sources and the flags that they are compiled with. */
interface Unit {
  readonly sources: readonly string[];
  readonly flags: readonly string[];
}

const ofGccAlone = '-fno-tree-loop-distribute-patterns';
/** lwIP itself, which is not of this house. */
const ofLwip = '!libos/net/lwip*.c';
const filesOfOneProcess = 8;

async function lines(command: string, ...words: string[]): Promise<string[]> {
  const { execa } = await import('execa');
  return (await execa(command, words)).stdout.split('\n');
}

async function libraryOs(architecture: string): Promise<Unit> {
  const [lwip = ''] = await lines('libos/get-lwip');
  const arch = `arch/${architecture}`;
  return {
    sources: globSync(['libos/*/*.c', `libos/${arch}/*.c`, ofLwip]).sort(),
    flags: [
      ...(await lines('libos/flags', architecture)).filter((flag) => flag !== ofGccAlone),
      `--target=${architecture}-linux-gnu`,
      ...['include', arch, 'net'].map((folder) => `-I${resolve('libos', folder)}`),
      ...['-isystem', join(lwip, 'src/include')],
    ],
  };
}

function tools(generated: string): Unit {
  return {
    sources: globSync(['toolchains/**/*.c']).sort(),
    flags: ['-std=gnu11', '-D_GNU_SOURCE', '-O2', '-Wall', '-Wextra', '-Werror', `-I${generated}`],
  };
}

/** The commands that check a unit, each some of its files. */
function commands({ sources, flags }: Unit): string[][] {
  const all: string[][] = [];
  for (let at = 0; at < sources.length; at += filesOfOneProcess) {
    const files = sources.slice(at, at + filesOfOneProcess).map((source) => resolve(source));
    all.push(['clang-14', ...flags, '-c', ...files], ['clang-tidy-14', '--quiet', ...files, '--', ...flags]);
  }
  return all;
}

/** Runs them where they leave object files, as many at once as there are CPUs; true when none found anything. */
async function run(all: readonly string[][], folder: string): Promise<boolean> {
  const { execa } = await import('execa');
  const left = [...all];
  let passed = true;
  const worker = async (): Promise<void> => {
    for (let next = left.pop(); next !== undefined; next = left.pop()) {
      const [program = '', ...words] = next;
      const { failed, stdout, stderr } = await execa(program, words, { cwd: folder, reject: false });
      if (!failed) continue;
      passed = false;
      console.log(`${stdout}\n${stderr}`.trim());
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  return passed;
}

async function main(): Promise<void> {
  const generated = mkdtempSync(join(tmpdir(), 'unikernel-clang-'));
  try {
    await lines('toolchains/shared/discover/names', generated);
    const units = [await libraryOs('x86_64'), await libraryOs('aarch64'), tools(generated)];
    if (!(await run(units.flatMap(commands), generated))) process.exitCode = 1;
  } finally {
    rmSync(generated, { recursive: true });
  }
}

void main();
