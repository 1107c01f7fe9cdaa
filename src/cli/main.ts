import { Command } from 'commander';
import { addBuildCommand } from './commands/build';
import { addDoctorCommand } from './commands/doctor';
import { addNewCommand } from './commands/new';
import { addReportCommand } from './commands/report';
import { addRunCommand } from './commands/run';

// The command line: the same core as the editor's, one file for each command.
const program = new Command('unikernel')
  .description('Build, boot and debug unikernels.')
  .showHelpAfterError('(unikernel --help lists the commands)')
  .configureHelp({ showGlobalOptions: true });

addNewCommand(program);
addBuildCommand(program);
addRunCommand(program);
addReportCommand(program);
addDoctorCommand(program);

program
  .command('debug-adapter')
  .description('the debug adapter (DAP) on standard input and output')
  .action(async () => {
    await import('../debug/main');
  });

void program.parseAsync();
