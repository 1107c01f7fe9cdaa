import type { Command } from 'commander';
import { checkSetup } from '../../setup';
import { selectEngine, withEngineOptions, type EngineSelection } from '../engine';
import { interruptSignal, reportError } from '../terminal';

/** `unikernel doctor`: what is missing on this machine, and how to get it; exits with 1 when something is. */
export function addDoctorCommand(program: Command): void {
  withEngineOptions(program.command('doctor').description('say what is missing on this machine, and how to get it'))
    .option('--json', 'print JSON')
    .action(async (options: EngineSelection & { json?: boolean }) => {
      try {
        const signal = interruptSignal();
        const checks = await checkSetup(() => selectEngine(options, signal), {}, signal);
        if (options.json === true) console.log(JSON.stringify({ checks }, null, 2));
        else {
          for (const { name, ok, detail, remedy } of checks) {
            console.log(`${ok ? 'ok     ' : 'missing'} ${name}: ${detail}`);
            if (remedy !== undefined) console.log(`        ${remedy.replaceAll('\n', '\n        ')}`);
          }
        }
        if (checks.some(({ ok }) => !ok)) process.exitCode = 1;
      } catch (error) {
        process.exitCode = reportError(error, options.json ?? false);
      }
    });
}
