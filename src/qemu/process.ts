import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';

/** A QEMU that runs. */
export type QemuProcess = ReturnType<typeof spawnQemu>;

/** The last lines that a process printed, for the error when it dies. */
export class LastLines {
  private kept = '';

  constructor(qemu: QemuProcess) {
    for (const stream of [qemu.stdout, qemu.stderr]) {
      stream.on('data', (data: Buffer) => {
        this.kept = (this.kept + data.toString()).slice(-4000);
      });
    }
  }

  /** The first of them: what went wrong, where registers follow. */
  get first(): string {
    return this.kept.trim().split('\n')[0] ?? '';
  }

  get text(): string {
    return this.kept.trim().split('\n').slice(-10).join('\n');
  }
}

/** Has the kernel end a process with the one that started it, however that ended: setpriv(1), prctl(2). */
const setpriv = '/usr/bin/setpriv';

/** Runs until it ends by itself or is killed; it never outlives this process, on Linux not even where this is killed. */
export function spawnQemu(path: string, args: readonly string[]) {
  const command = existsSync(setpriv) ? [setpriv, '--pdeathsig', 'KILL', path, ...args] : [path, ...args];
  const [program = path, ...rest] = command;
  const child = spawn(program, rest, { stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true });
  const kill = (): void => {
    child.kill('SIGKILL');
  };
  process.once('exit', kill);
  const exited = new Promise<number | null>((resolve) => {
    child.once('close', resolve);
    child.once('error', () => {
      resolve(null);
    });
  }).finally(() => process.off('exit', kill));
  return { stdout: child.stdout, stderr: child.stderr, exited, kill };
}
