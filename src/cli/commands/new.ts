import type { Command } from 'commander';
import { basename, resolve } from 'node:path';
import { findInstallation } from '../../installation';
import { createProject, listTemplates } from '../../project/create';
import { reportError } from '../terminal';

/** `unikernel new TEMPLATE FOLDER`: a project from a template. */
export function addNewCommand(program: Command): void {
  program
    .command('new')
    .description('create a project from a template')
    .argument('[template]', 'the template; without it, the templates are listed')
    .argument('[folder]', 'the folder to make')
    .option('--name <name>', "the project's name (default: the folder's)")
    .option('--json', 'print JSON')
    .action(async (id: string | undefined, folder: string | undefined, options: { name?: string; json?: boolean }) => {
      const json = options.json ?? false;
      try {
        const templates = await listTemplates(findInstallation().templates);
        const template = templates.find((candidate) => candidate.id === id);
        if (id === undefined || folder === undefined || template === undefined) {
          if (json) console.log(JSON.stringify({ templates }, null, 2));
          else
            for (const { id, title, description } of templates)
              console.log(`${id.padEnd(20)} ${title} - ${description}`);
          if (id !== undefined) {
            console.error(
              template === undefined ? `error: no template is called "${id}"` : 'error: name the folder to make',
            );
            process.exitCode = 2;
          }
          return;
        }
        const destination = resolve(folder);
        await createProject(template, destination, options.name ?? basename(destination));
        if (json) console.log(JSON.stringify({ folder: destination, template: template.id }));
        else console.log(`Created ${destination}. Next: cd ${folder} && unikernel build`);
      } catch (error) {
        process.exitCode = reportError(error, json);
      }
    });
}
