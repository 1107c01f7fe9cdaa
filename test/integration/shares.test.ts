import assert from 'node:assert/strict';
import { lstat, mkdir, mkdtemp, readdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { targets } from '../../src/targets';
import { DebugAdapter } from './debugAdapter';
import { runNatively } from './native';
import { boot, unikernel } from './unikernel';

const source = resolve(__dirname, '../fixtures/shares/main.c');

/** What the program prints of what is not as in a folder of its own: a folder to read, links that lead out, other folders, a full disk. */
const limits = `/data /data 9p rw,trans=virtio 0 0
/full /full 9p rw,trans=virtio 0 0
/var/lib/kept /var/lib/kept 9p rw,trans=virtio 0 0
/var/lib/kept/text has 4: kept
open("/var/lib/kept/new", O_WRONLY | O_CREAT, 0600): -1 errno 30
unlink("/var/lib/kept/text"): -1 errno 30
open("out/secret", O_RDONLY): -1 errno 2
open("../secret", O_RDONLY): -1 errno 2
open("../../../../secret", O_RDONLY): -1 errno 2
within has 4: file
symlink("/../../secret", "made"): 0
open("made", O_RDONLY): -1 errno 2
rename("file", "/tmp/file"): -1 errno 18
link("file", "/tmp/file"): -1 errno 18
close(open("/tmp/file", O_WRONLY | O_CREAT, 0600)): 0
rename("/tmp/file", "file"): -1 errno 18
rmdir("/data"): -1 errno 16
rename("/data", "/elsewhere"): -1 errno 16
open(".", O_TMPFILE | O_RDWR, 0600): -1 errno 95
file = open("/full/file", O_WRONLY | O_CREAT, 0600): 3
1 bytes fitted: errno 28
unlink("/full/file"): 0
changes has 6: before
file = open("mapped", O_RDWR): 3
the host may change it
changes has 17: after, and longer
replaced has 3 names, . 4, .. 4, new 8
`;

/** All that is below a folder: names, modes, links and contents; names as bytes, since not all are text. */
async function describeTree(folder: string): Promise<string[]> {
  const names = await readdir(folder, { encoding: 'buffer' });
  const described: string[] = [];
  for (const name of names.sort((one, other) => one.compare(other))) {
    const path = Buffer.concat([Buffer.from(`${folder}/`), name]);
    const { mode, nlink } = await lstat(path);
    const line = `${name.toString('latin1')} ${mode.toString(8)}`;
    if ((mode & 0o170000) === 0o040000) {
      const below = await describeTree(path.toString());
      described.push(line, ...below.map((text) => `  ${text}`));
    } else if ((mode & 0o170000) === 0o120000) described.push(`${line} -> ${await readlink(path)}`);
    else described.push(`${line} ${nlink} ${(await readFile(path)).toString('base64')}`);
  }
  return described;
}

describe('a folder of this computer', function () {
  this.timeout(300_000);
  let parent: string;
  let folder: string;
  let data: string;
  let native: Awaited<ReturnType<typeof runNatively>>;
  let expected: string[];

  before(async () => {
    parent = await mkdtemp(join(tmpdir(), 'unikernel-shares-'));
    folder = join(parent, 'shares');
    data = join(folder, 'data');
    await mkdir(join(folder, 'src'), { recursive: true });
    await writeFile(join(folder, 'src', 'main.c'), await readFile(source));
    const shares = ['data:/data', './kept:/var/lib/kept:ro', 'full:/full'];
    await writeFile(join(folder, 'unikernel.json'), JSON.stringify({ name: 'shares', language: 'c', shares }));
    const built = await unikernel(folder, 'build');
    assert.equal(built.exitCode, 0, built.stderr);
    const place = join(parent, 'natively');
    await mkdir(place);
    native = await runNatively(source, parent, [place]);
    assert.equal(native.status, 0);
    expected = await describeTree(place);
    await mkdir(join(folder, 'kept'));
  });
  after(async () => {
    await unikernel(folder, 'clean');
    await rm(parent, { recursive: true });
  });

  for (const target of targets)
    it(`is as any other to the guest on ${target.id}, and what is done there stays`, async () => {
      await rm(data, { recursive: true, force: true });
      const { output, status } = await boot(folder, target, ['/data']);
      assert.deepEqual(output.split('\n'), native.output.split('\n'));
      assert.equal(status, 0);
      assert.deepEqual(await describeTree(data), expected);
    });

  for (const target of targets)
    it(`has its limits on ${target.id}`, async function () {
      const { execa } = await import('execa');
      const full = join(folder, 'full');
      await mkdir(full, { recursive: true });
      const mounted = await execa('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'none', full], { reject: false });
      if (mounted.exitCode !== 0) {
        console.log(`skipped: a small disk cannot be made: ${mounted.stderr}`);
        this.skip();
      }
      try {
        await rm(data, { recursive: true, force: true });
        await mkdir(join(data, 'replaced'), { recursive: true });
        await writeFile(join(parent, 'secret'), 'secret');
        await writeFile(join(folder, 'kept', 'text'), 'kept');
        await symlink(parent, join(data, 'out'));
        await symlink('/data/replaced/../file', join(data, 'within'));
        await writeFile(join(data, 'file'), 'file');
        await writeFile(join(data, 'changes'), 'before');
        await writeFile(join(data, 'mapped'), 'mapped');
        let mapped = '';
        const change = async (): Promise<void> => {
          mapped = await readFile(join(data, 'mapped'), 'utf8');
          await writeFile(join(data, 'changes'), 'after, and longer');
          await rm(join(data, 'replaced'), { recursive: true });
          await mkdir(join(data, 'replaced'));
          await writeFile(join(data, 'replaced', 'new'), '');
          await writeFile(join(data, 'changed'), '');
        };
        let printed = '';
        const { output, status } = await boot(folder, target, ['/data', 'edges'], (text) => {
          printed += text.toString();
          if (!printed.includes('the host may change it')) return;
          printed = '';
          void change();
        });
        assert.equal(output, limits);
        assert.equal(status, 0);
        assert.equal(mapped, 'synced');
      } finally {
        await execa('umount', [full]);
      }
    });

  it('is made where it is missing, unless it is only read', async () => {
    await rm(data, { recursive: true, force: true });
    await rm(join(folder, 'kept'), { recursive: true });
    const { exitCode, stderr } = await unikernel(folder, 'run', '--no-build', '/data');
    await mkdir(join(folder, 'kept'));
    assert.equal(exitCode, 1);
    assert.match(stderr, /kept cannot be shared with the guest: it is not there/);
    assert.match(stderr, /nothing in it to read/);
    assert.equal((await unikernel(folder, 'run', '--no-build', '/data')).exitCode, 0);
    assert.deepEqual(await describeTree(data), expected);
  });

  it('is not shared where it is a file, or where a link leads out of the project', async () => {
    await rm(data, { recursive: true, force: true });
    await writeFile(data, '');
    const asFile = await unikernel(folder, 'run', '--no-build');
    await rm(data);
    await symlink(parent, data);
    const asLink = await unikernel(folder, 'run', '--no-build');
    await rm(data);
    assert.equal(asFile.exitCode, 1);
    assert.match(asFile.stderr, /data cannot be shared with the guest/);
    assert.equal(asLink.exitCode, 1);
    assert.match(asLink.stderr, /data cannot be shared with the guest: it is not in the project/);
  });

  for (const target of targets)
    it(`is there for a program that is debugged on ${target.id}`, async () => {
      await rm(data, { recursive: true, force: true });
      const artifact = join(folder, 'build', target.architecture, 'artifact.json');
      const adapter = await DebugAdapter.start();
      const status = adapter.exitStatus();
      await adapter.launchGuest({ target: target.id, artifact, args: ['/data'] });
      assert.equal(await status, 0);
      await adapter.stop();
      assert.deepEqual(await describeTree(data), expected);
    });

  it('is not shared by a guest that is to be kept', async () => {
    const { exitCode, stderr } = await unikernel(folder, 'run', '--no-build', '--dump', join(parent, 'dump'));
    assert.equal(exitCode, 1);
    assert.match(stderr, /neither be recorded nor kept in a file/);
  });

  it('can be named on the command line', async () => {
    const other = join(parent, 'other, with a comma');
    const share = (text: string) => unikernel(folder, 'run', '--no-build', '--share', text, '/data');
    const { exitCode, stderr } = await share(`${other}:/data`);
    assert.equal(exitCode, 0, stderr);
    assert.deepEqual(await describeTree(other), expected);
    assert.match((await share('/tmp')).stderr, /"\/tmp" is nothing to share/);
    assert.match((await share(`${other}:/data/../x`)).stderr, /no path of a folder in the guest/);
    assert.match((await share(`${other}:/${'long'.repeat(8)}`)).stderr, /longer than 31 bytes/);
  });
});
