import assert from 'node:assert/strict';
import { execFile, type ExecFileException } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { after, before, describe, it } from 'mocha';
import { architectures, type Architecture } from '../../src/targets';

type PathStep = string | { address: string; in?: string };

interface Discovered {
  architecture: string;
  sites: number;
  reached: { name: string; number: number; from: string[]; path: PathStep[] }[];
  missing: string[];
  unresolved: { function: string; address: string; reason: string }[];
}

const run = promisify(execFile);
const sources = 'toolchains/shared/discover';
const fixtures = 'test/fixtures/discover';
const compilers: Record<Architecture, string> = { x86_64: 'gcc', aarch64: 'aarch64-linux-gnu-gcc' };

describe('discover', function () {
  this.timeout(30_000);
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'discover-'));
    await writeFile(join(folder, 'handlers'), 'close\nfcntl\nfutex\nio_setup\nread\nsocket\nwrite\n');
    await run(join(sources, 'build'), [join(folder, 'discover')]);
  });

  after(() => rm(folder, { recursive: true }));

  async function discover(architecture: Architecture, name: string, options: readonly string[] = []) {
    const program = join(folder, `${name}-${architecture}`);
    await run(compilers[architecture], [
      ...['-nostdlib', '-static', '-no-pie', '-Wl,--build-id=none', ...options, '-o', program],
      join(fixtures, architecture, `${name}.s`),
    ]);
    const { stdout } = await run(join(folder, 'discover'), [
      ...[program, '--handlers', join(folder, 'handlers'), '--ignore-prefix', 'libos_'],
      ...['--needed', join(folder, 'needed')],
    ]);
    const needed = (await readFile(join(folder, 'needed'), 'utf8')).split('\n').filter((line) => line !== '');
    return { ...(JSON.parse(stdout) as Discovered), needed };
  }

  const resolved: Record<string, string[]> = {
    constant: ['write'],
    copy: ['write'],
    branch: ['read', 'write'],
    'conditional-move': ['read', 'write'],
    compared: ['read'],
    loop: ['write'],
    spilled: ['write'],
    wrapper: ['close', 'write'],
    'on-the-stack': ['close', 'write'],
    'wrapper-of-wrapper': ['close'],
    'address-taken': ['write'],
    'no-return': ['write'],
    kernel: ['close'],
  };

  const unresolved: Record<string, RegExp> = {
    'handed-on': /handed on/,
    'pointer-in-data': /pointer in data/,
    memory: /memory/,
    returned: /returned/,
  };

  /** The only call of each; the functions are in test/fixtures/discover. */
  const paths: Record<string, PathStep[]> = {
    'path-shortest': ['main', 'near', 'last'],
    'path-by-call': ['main', 'one', 'two', 'last'],
    'path-from-start': ['_start', 'last'],
    'path-by-address': ['main', { address: 'handler' }, 'last'],
    'path-by-variable': ['main', { address: 'put', in: 'output' }, 'last'],
    'path-from-data': [{ address: 'last', in: 'table' }],
    'path-unknown': [],
  };

  for (const architecture of architectures) {
    describe(architecture, () => {
      for (const [name, expected] of Object.entries(resolved)) {
        it(`finds ${expected.join(' and ')}: ${name}`, async () => {
          const found = await discover(architecture, name);
          assert.deepEqual(found.reached.map((call) => call.name).sort(), expected);
          assert.deepEqual(found.needed.sort(), expected);
          assert.deepEqual(found.missing, []);
          assert.deepEqual(found.unresolved, []);
          assert.equal(found.sites, 1);
          assert.equal(found.architecture, architecture);
        });
      }

      for (const [name, reason] of Object.entries(unresolved)) {
        it(`reports what it cannot know: ${name}`, async () => {
          const found = await discover(architecture, name);
          assert.deepEqual(found.reached, []);
          assert.equal(found.unresolved.length, 1);
          assert.match(found.unresolved[0]?.reason ?? '', reason);
          assert.match(found.unresolved[0]?.address ?? '', /^0x[0-9a-f]+$/);
        });
      }

      it('knows where musl has a call made elsewhere, and that the place itself tells nothing', async () => {
        const found = await discover(architecture, 'made-elsewhere');
        assert.deepEqual(found.needed, ['close']);
        assert.deepEqual(
          found.unresolved.map((place) => place.function),
          ['make'],
        );
      });

      it('finds the number 0, and says from where', async () => {
        const name = architecture === 'x86_64' ? 'read' : 'io_setup';
        const { reached } = await discover(architecture, 'zero');
        assert.deepEqual(reached, [{ name, number: 0, from: ['_start'], path: ['_start'] }]);
      });

      for (const [name, expected] of Object.entries(paths))
        it(`knows the way to a call: ${name}`, async () => {
          const { reached } = await discover(architecture, name);
          assert.deepEqual(
            reached.map(({ path }) => path),
            [expected],
          );
        });

      it('keeps every handler for a program without symbols', async () => {
        const found = await discover(architecture, 'constant', ['-s']);
        assert.deepEqual(found.needed.sort(), [
          'close',
          'fcntl',
          'fcntl any',
          'futex',
          'futex any',
          'io_setup',
          'read',
          'socket',
          'socket any',
          'type any',
          'write',
        ]);
        assert.equal(found.sites, 1);
        assert.deepEqual(
          found.unresolved.map((place) => place.function),
          ['.text'],
        );
      });

      for (const [name, families] of Object.entries({
        families: ['1', '10'],
        'any-family': ['any'],
        'family-of-wrapper': ['any'],
      }))
        it(`finds the families of sockets: ${name}`, async () => {
          const { needed } = await discover(architecture, name);
          const found = needed.filter((line) => line.startsWith('socket '));
          assert.deepEqual(
            found,
            families.map((family) => `socket ${family}`),
          );
        });

      it('finds the types of sockets', async () => {
        const { needed } = await discover(architecture, 'types');
        assert.deepEqual(needed, ['socket', 'socket 2', 'type 1', 'type 524290']);
      });

      it('finds what is asked of fcntl', async () => {
        const { needed } = await discover(architecture, 'commands');
        assert.deepEqual(needed, ['fcntl', 'fcntl 3', 'fcntl 37', 'fcntl any']);
      });

      it('finds what is asked of futex, without what only the mutexes of a C library do', async () => {
        const { needed } = await discover(architecture, 'operations');
        assert.deepEqual(needed, ['close', 'futex', 'futex 128', 'futex 6', 'futex any']);
        const inheriting = await discover(architecture, 'inherits');
        assert.deepEqual(inheriting.needed, ['futex', 'futex 6', 'futex 7']);
      });

      it('tells a call that has no handler', async () => {
        const found = await discover(architecture, 'no-handler');
        assert.deepEqual(found.missing, ['reboot']);
        assert.deepEqual(found.needed, []);
      });
    });
  }

  it('refuses what is not an ELF file', async () => {
    await assert.rejects(
      run(join(folder, 'discover'), ['package.json', '--handlers', join(folder, 'handlers')]),
      (error: ExecFileException) => error.code === 1 && error.message.includes('package.json: not a 64-bit ELF file'),
    );
  });
});
