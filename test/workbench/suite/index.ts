import Mocha from 'mocha';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Called by VS Code in its extension host: runs every test that was bundled beside this file. */
export async function run(): Promise<void> {
  const reporter = join(__dirname, '..', '..', 'test', 'reporter.cjs');
  const grep = process.env['TEST_GREP'];
  const mocha = new Mocha({ timeout: 60_000, reporter, ...(grep !== undefined && { grep }) });
  const names = readdirSync(__dirname).filter((name) => name.endsWith('.test.js'));
  for (const name of names.sort()) mocha.addFile(join(__dirname, name));
  const failures = await new Promise<number>((resolve) => mocha.run(resolve));
  if (failures > 0) throw new Error(`${failures} tests failed.`);
}
