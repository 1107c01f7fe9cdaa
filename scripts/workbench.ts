import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { createProject, listTemplates } from '../src/project/create';
import { root, WorkbenchServer } from '../test/workbench/server';
import { withEngine } from './engine';

// npm run demo -- --workbench: the real workbench on this machine, with the extension and a project, until it is interrupted.

async function main(): Promise<void> {
  // From the beginning, so that nothing that is being started is left behind.
  const interrupted = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  await withEngine(async () => {
    const password = randomBytes(12).toString('base64url');
    const server = await WorkbenchServer.start({
      package: join(root, 'out', 'unikernel-tools.vsix'),
      arguments: ['--auth', 'password'],
      environment: { PASSWORD: password },
    });
    try {
      const project = join(server.folder, 'hello');
      const [template] = await listTemplates(join(root, 'templates'));
      if (template === undefined) throw new Error('There is no template.');
      await createProject(template, project, 'hello');
      const query = new URLSearchParams({ folder: project }).toString();
      console.log(`\nOpen   http://127.0.0.1:${server.port}/?${query}\nPassword   ${password}`);
      console.log(
        'Set a breakpoint in src/main.c and press F5. Ctrl+C here ends the workbench and removes the project.',
      );
      await interrupted;
    } finally {
      await server.stop();
    }
  });
}

void main();
