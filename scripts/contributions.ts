// Writes what package.json and media/ derive from typed code; with --check, fails where they differ.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectJsonSchema } from '../src/project/schema';
import { activationEvents, capabilities, contributes } from '../src/vscode/contributions';

const root = join(__dirname, '..');
const manifestFile = join(root, 'package.json');
const manifest = JSON.parse(readFileSync(manifestFile, 'utf8')) as object;

const json = (value: object): string => `${JSON.stringify(value, null, 2)}\n`;

const generated = {
  [manifestFile]: json({ ...manifest, icon: 'media/icon.png', activationEvents, capabilities, contributes }),
  [join(root, 'media/unikernel.schema.json')]: json(projectJsonSchema()),
};

for (const [file, text] of Object.entries(generated)) {
  if (process.argv.includes('--check')) {
    // Compared as values: the formatter may lay package.json out otherwise.
    const same = json(JSON.parse(readFileSync(file, 'utf8')) as object) === text;
    if (!same) {
      console.error(`${file} is out of date: run \`npx tsx scripts/contributions.ts\`.`);
      process.exitCode = 1;
    }
  } else {
    writeFileSync(file, text);
  }
}
