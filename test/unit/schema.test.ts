import assert from 'node:assert/strict';
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { imagePages } from '../../src/project/aslr';
import { projectJsonSchema } from '../../src/project/schema';
import { checkProject, findProject, loadProject } from '../../src/project/load';

/** `LINE:COLUMN MESSAGE` of each problem. */
function problemsOf(text: string): string[] {
  return checkProject('/p/unikernel.json', text).problems.map(
    ({ line, column, message }) => `${line}:${column} ${message}`,
  );
}

describe('unikernel.json', () => {
  it('fills in every default', () => {
    const { configuration, problems } = checkProject('/p/unikernel.json', '{"name": "a", "language": "c"} // fine\n');
    assert.deepEqual(problems, []);
    assert.deepEqual(configuration?.targets, ['x86_64', 'aarch64']);
    assert.equal(configuration.memory, '64M');
  });

  it('places a wrong value at the value', () => {
    const text = '{\n  "name": "a",\n  "language": "c",\n  "memory": "lots"\n}';
    assert.deepEqual(problemsOf(text), ['4:13 "memory" must be a number followed by M or G, such as "64M"']);
  });

  it('places a wrong element at the element', () => {
    const text = '{"name": "a", "language": "c",\n "targets": ["x86_64",\n  "vax"]}';
    assert.deepEqual(problemsOf(text), ['3:3 "targets.1" must be one of "x86_64", "aarch64"']);
  });

  it('places a missing field at the opening brace', () => {
    assert.deepEqual(problemsOf('// a comment\n  {"name": "a"}'), ['2:3 "language" is missing']);
  });

  it('places an unknown field at its key and names the nearest', () => {
    const text = '{"name": "a", "language": "c",\n  "sorces": []}';
    assert.deepEqual(problemsOf(text), ['2:3 unknown field "sorces" (did you mean "sources"?)']);
  });

  it('says what kind a value must be', () => {
    assert.deepEqual(problemsOf('{"name": "a", "language": "c", "args": "x"}'), ['1:40 "args" must be an array']);
  });

  it('knows which ports there are', () => {
    const text =
      '{"name": "a", "language": "c", "network": {"ports": [\n"8080:80", "65535:1/udp",\n"8080:65536",\n"0:80"]}}';
    const problem = 'has a port that is not between 1 and 65535';
    assert.deepEqual(problemsOf(text), [`3:1 "network.ports.2" ${problem}`, `4:1 "network.ports.3" ${problem}`]);
  });

  it('knows what can be shared', () => {
    const text = (...shares: string[]): string =>
      JSON.stringify({ name: 'a', language: 'c', shares }).replace('"shares"', '\n"shares"');
    assert.deepEqual(problemsOf(text('data:/data', './conf/a b:/etc/app:ro', 'x:/y:rw')), []);
    for (const wrong of ['data', '/data', 'data:data', 'data:/data:wo'])
      assert.match(problemsOf(text(wrong)).join(), /"shares.0" must be HOST:GUEST/);
    for (const outside of ['../x:/x', '/x:/x', 'a/../../x:/x', './../x:/x', '.:/x', './/x:/x'])
      assert.match(problemsOf(text(outside)).join(), /"shares.0" must begin with a folder below this file/);
    for (const place of ['x:/', 'x:/a//b', 'x:/a/../b', 'x:/a/', 'x:/./a'])
      assert.match(problemsOf(text(place)).join(), /is no path of a folder in the guest/);
    assert.match(problemsOf(text(`x:/${'y'.repeat(31)}`)).join(), /longer than 31 bytes/);
    assert.match(problemsOf(text('a:/x', 'b:/x')).join(), /"\/x" is shared twice/);
    assert.match(problemsOf(text('a:/x', 'b:/x/y')).join(), /one within the other/);
    assert.deepEqual(problemsOf(text('a:/x', 'b:/xy')), []);
  });

  it('places a wrong key of env at the key', () => {
    const text = '{"name": "a", "language": "c",\n "env": {"A=B": "1"}}';
    assert.deepEqual(problemsOf(text), ['2:10 "env.A=B" must not be empty or hold "="']);
  });

  it('finds a field that is given twice', () => {
    assert.deepEqual(problemsOf('{"name": "a", "language": "c",\n"name": "b"}'), ['2:1 "name" is given twice']);
  });

  it('takes randomisation, or the offset of an image that was made with it', () => {
    const text = (aslr: string): string => `{"name": "a", "language": "c",\n"aslr": ${aslr}}`;
    for (const right of ['true', 'false', '"0x0"', '"0x1a35000"', '"0x1ffff000"'])
      assert.deepEqual(problemsOf(text(right)), []);
    for (const wrong of ['1', '"random"', '"0x1a35800"', '"0x01000"', '"1000"', '"0x20000000"'])
      assert.match(problemsOf(text(wrong)).join(), /^2:9 "aslr" must be true, false, or an offset that a report names/);
    const { properties } = projectJsonSchema() as { properties: Record<string, { description: string }> };
    assert.match(properties['aslr']?.description ?? '', /^Address space layout randomisation/);
  });

  it('chooses places within a quarter of the memory, and within what code reaches', () => {
    assert.deepEqual(imagePages(true, '64M'), { first: 0, last: 4095 });
    assert.deepEqual(imagePages(true, '8G'), { first: 0, last: 131_071 });
    assert.deepEqual(imagePages('0x1a35000', '64M'), { first: 6709, last: 6709 });
    assert.equal(imagePages(false, '64M'), undefined);
  });

  it('takes one program, or one for each architecture', () => {
    const text = (program: string): string => `{"name": "a", "language": "elf", "program": ${program}}`;
    assert.deepEqual(problemsOf(text('"bin/a"')), []);
    assert.deepEqual(problemsOf(text('{"x86_64": "bin/a", "aarch64": "bin/b"}')), []);
    for (const wrong of ['"../a"', '"/a"', '7']) {
      assert.match(problemsOf(text(wrong)).join(), /^1:45 "program" must be a (file|path) below/);
    }
  });

  it('places syntax errors', () => {
    assert.deepEqual(problemsOf('{"name" "a"}'), ['1:9 syntax error: colon expected']);
  });

  it('says so when the file is empty', () => {
    assert.equal(problemsOf('').length, 1);
  });

  it('is found from a folder below and loaded from it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'unikernel-schema-'));
    try {
      await mkdir(join(folder, 'src', 'deep'), { recursive: true });
      await writeFile(join(folder, 'unikernel.json'), '\ufeff{"name": "a", "language": "c"}');
      assert.equal(await findProject(join(folder, 'src', 'deep')), folder);
      const { project, problems } = await loadProject(folder);
      assert.deepEqual(problems, []);
      assert.equal(project?.folder, folder);
      const missing = await loadProject(join(folder, 'src'));
      assert.equal(missing.project, undefined);
      assert.match(missing.problems[0]!.message, /cannot be read/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
