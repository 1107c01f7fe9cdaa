import { Option, type Command } from 'commander';
import { readArtifact } from '../../build/build';
import { bootArtifact } from '../../boot';
import { LineEnds } from '../lines';
import { readShares } from '../shares';
import { buildOnTerminal, printProblems } from '../builds';
import { withEngineOptions, type EngineSelection } from '../engine';
import { openProject, selectTarget, withProjectOptions, type ProjectOptions } from '../project';
import { interruptSignal, reportError } from '../terminal';

interface RunOptions extends ProjectOptions, EngineSelection {
  readonly build: boolean;
  readonly memory?: string;
  readonly qemu?: string;
  readonly dump?: string;
  readonly share: readonly string[];
}

/** `unikernel run [-- ARGUMENTS]`: builds what is stale and boots it; the exit code is the program's. */
export function addRunCommand(program: Command): void {
  withEngineOptions(withProjectOptions(program.command('run').description('boot the image; exits with its status')))
    .argument('[arguments...]', "the program's arguments, after those of unikernel.json")
    .option('--no-build', 'boot what the last build made')
    .option('--memory <memory>', 'memory of the guest, such as 64M')
    .option('--dump <file>', 'should it crash, keep the guest in a file, which "dump" in launch.json shows')
    .option(
      '--share <host:guest[:ro]>',
      'a folder of this computer that the guest has as its own, such as ./data:/data; can be given several times',
      (share: string, shares: string[]) => [...shares, share],
      [],
    )
    .addOption(new Option('--qemu <path>', 'the QEMU to use'))
    .action(async (programArguments: string[], options: RunOptions) => {
      const json = options.json ?? false;
      try {
        process.exitCode = await run(programArguments, options);
      } catch (error) {
        process.exitCode = reportError(error, json);
      }
    });
}

async function run(programArguments: readonly string[], options: RunOptions): Promise<number> {
  const signal = interruptSignal();
  const project = await openProject(options);
  const target = selectTarget(options);
  if (options.build) {
    const results = await buildOnTerminal(project, [target.architecture], options, signal);
    printProblems(results);
    if (results.some(({ exitCode }) => exitCode !== 0)) return 1;
  }
  const artifact = await readArtifact(project.folder, target.architecture);
  const started = performance.now();
  const guest = await bootArtifact(artifact, target, {
    kernelArguments: programArguments,
    folder: project.folder,
    memory: options.memory,
    qemuPath: options.qemu,
    dump: options.dump,
    shares: readShares(options.share),
    signal,
  });
  let firstOutput: number | undefined;
  const output: Buffer[] = [];
  const report: Buffer[] = [];
  const lineEnds = new LineEnds();
  const print = (data: Buffer, isReport: boolean): void => {
    if (options.json === true) (isReport ? report : output).push(data);
    else (isReport ? process.stderr : process.stdout).write(data);
  };
  signal.addEventListener('abort', () => void guest.powerOff());
  guest.console.subscribe((data, isReport) => {
    firstOutput ??= performance.now() - started;
    // What the program prints is its own, byte for byte.
    if (isReport) print(lineEnds.flush(), false);
    print(lineEnds.push(data), isReport);
  });
  const toGuest = (data: Buffer): void => {
    guest.console.write(data);
  };
  process.stdin.on('data', toGuest);
  const exit = await guest.ended;
  print(lineEnds.flush(), false);
  process.stdin.off('data', toGuest);
  process.stdin.pause();
  if (options.json === true) {
    const bootMilliseconds = firstOutput === undefined ? null : Math.round(firstOutput);
    const { status: exitStatus, reason } = exit;
    const text = {
      console: Buffer.concat(output).toString(),
      ...(report.length === 0 ? {} : { report: Buffer.concat(report).toString().trim() }),
    };
    console.log(JSON.stringify({ target: target.id, exitStatus, reason, bootMilliseconds, ...text }, null, 2));
  } else {
    console.error(`The guest ${exit.reason} with status ${exit.status}.`);
  }
  return exit.status;
}
