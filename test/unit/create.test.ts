import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Template } from '../../src/project/create';
import { createProject, listTemplates } from '../../src/project/create';

describe('a new project', () => {
  let folder: string;
  let template: Template;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'unikernel-create-'));
    const source = join(folder, 'templates', 'hello');
    await mkdir(join(source, 'src'), { recursive: true });
    await writeFile(
      join(source, 'template.json'),
      '{"title": "Hello", "description": "Says hello.", "mainFile": "src/main.c"}',
    );
    await writeFile(join(source, 'gitignore'), 'build/\n');
    await writeFile(join(source, 'unikernel.json'), '{\n  // why\n  "name": "hello",\n  "language": "c"\n}\n');
    await writeFile(join(source, 'src', 'main.c'), 'int main(void) { return 0; }\n');
    const templates = await listTemplates(join(folder, 'templates'));
    assert.equal(templates.length, 1);
    template = templates[0]!;
    assert.equal(template.title, 'Hello');
  });

  afterEach(() => rm(folder, { recursive: true }));

  it('is a copy of the template with its name', async () => {
    const destination = join(folder, 'new', 'mine');
    await createProject(template, destination, 'mine');
    assert.deepEqual((await readdir(destination)).sort(), ['.gitignore', 'src', 'unikernel.json']);
    const text = await readFile(join(destination, 'unikernel.json'), 'utf8');
    assert.equal(text, '{\n  // why\n  "name": "mine",\n  "language": "c"\n}\n');
    assert.deepEqual(await readdir(join(folder, 'new')), ['mine']);
  });

  it('may fill an empty folder', async () => {
    await mkdir(join(folder, 'empty'));
    await createProject(template, join(folder, 'empty'), 'mine');
    assert.ok((await readdir(join(folder, 'empty'))).includes('src'));
  });

  it('never touches a folder that holds something', async () => {
    const taken = join(folder, 'taken');
    await mkdir(taken);
    await writeFile(join(taken, 'mine.txt'), 'mine');
    await assert.rejects(createProject(template, taken, 'mine'), { code: 'project.destination' });
    assert.deepEqual(await readdir(taken), ['mine.txt']);
  });

  it('never replaces a file', async () => {
    const file = join(folder, 'file');
    await writeFile(file, 'mine');
    await assert.rejects(createProject(template, file, 'mine'), { code: 'project.destination' });
    assert.equal(await readFile(file, 'utf8'), 'mine');
  });

  it('refuses a name that unikernel.json would refuse', async () => {
    await assert.rejects(createProject(template, join(folder, 'new'), '../x'), { code: 'project.name' });
    assert.deepEqual(await readdir(folder), ['templates']);
  });

  it('leaves nothing behind when the template is broken', async () => {
    await rm(join(template.folder, 'unikernel.json'));
    await assert.rejects(createProject(template, join(folder, 'new'), 'mine'), { code: 'project.create' });
    assert.deepEqual(await readdir(folder), ['templates']);
  });
});
