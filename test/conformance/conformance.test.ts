import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { readArtifact } from '../../src/build/build';
import { targets } from '../../src/targets';
import { unikernel } from '../integration/unikernel';
import { expectedDifferences } from './expectedDifferences';
import { runCases, startGuest, startNatively } from './runner';

const sources = resolve(__dirname, 'cases');
const files = readdirSync(sources).filter((name) => name.endsWith('.c'));
/** The names of each file's cases. */
const subjects = files
  .map((file) => {
    const source = readFileSync(join(sources, file), 'utf8');
    const names = [...source.matchAll(/^CASE\((\w+)\)/gm)].map(([, name = '']) => name);
    return { subject: file.replace(/\.c$/, ''), names };
  })
  .filter(({ names }) => names.length > 0);
const names = subjects.flatMap((subject) => subject.names);

describe('conformance', function () {
  this.timeout(300_000);
  let parent: string;
  let project: string;
  let native: Map<string, string>;

  before(async () => {
    parent = await mkdtemp(join(tmpdir(), 'unikernel-conformance-'));
    project = join(parent, 'conformance');
    await cp(sources, project, { recursive: true });
    await writeFile(
      join(project, 'unikernel.json'),
      JSON.stringify({ name: 'conformance', language: 'c', sources: ['*.c'] }),
    );
    const { execa } = await import('execa');
    const program = join(parent, 'native');
    const inputs = files.map((name) => join(sources, name));
    // Without warnings: wrong arguments are what many cases are about.
    await execa('gcc', ['-std=gnu11', '-w', '-static', '-pthread', '-o', program, ...inputs]);
    const built = await unikernel(project, 'build');
    assert.equal(built.exitCode, 0, built.stderr);
    native = await runCases(names, startNatively(program));
  });
  after(async () => {
    await unikernel(project, 'clean');
    await rm(parent, { recursive: true });
  });

  const results = targets.map((target) => ({ target, printed: new Map<string, string>() }));

  for (const { target, printed } of results) {
    describe(`to Linux on ${target.id}`, () => {
      before(async () => {
        const artifact = await readArtifact(project, target.architecture);
        for (const [name, text] of await runCases(names, startGuest(artifact, target, project)))
          printed.set(name, text);
      });

      for (const subject of subjects) {
        describe(subject.subject, () => {
          for (const name of subject.names.filter((name) => !(name in expectedDifferences))) {
            it(name.replaceAll('_', ' '), () => {
              assert.deepEqual(printed.get(name)?.split('\n'), native.get(name)?.split('\n'));
            });
          }
        });
      }
    });
  }

  for (const [name, reason] of Object.entries(expectedDifferences)) {
    it(`differs in ${name.replaceAll('_', ' ')}: ${reason}`, () => {
      assert.ok(names.includes(name), 'there is no such case');
      const differs = results.some(({ printed }) => printed.get(name) !== native.get(name));
      assert.ok(differs, 'it agrees now: take it from the list');
    });
  }
});
