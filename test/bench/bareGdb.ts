import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import type { Artifact } from '../../src/build/artifact';
import { end, startProcess, type BareQemu } from './guest';

/** What the debug adapter also sets and what changes how a stop looks. */
const settings = ['trust-readonly-sections on', 'backtrace past-main on', 'backtrace limit 64'];

/** The floor of a debug session: gdb and QEMU over MI, nothing asked that is not needed, nothing parsed. */
export class BareSession {
  private readonly answers = new Map<number, (line: string) => void>();
  private readonly lost: Promise<never>;
  private onStop: (() => void) | undefined;
  private token = 0;

  private constructor(
    private readonly qemu: ChildProcess,
    private readonly gdb: ChildProcess,
    private readonly folder: string,
  ) {
    createInterface({ input: gdb.stdout! }).on('line', (line) => {
      this.receive(line);
    });
    this.lost = once(gdb, 'exit').then(() => Promise.reject(new Error('gdb ended.')));
    this.lost.catch(() => undefined);
  }

  /** Starts gdb and QEMU at the same time and runs to main. */
  static async launchToMain(artifact: Artifact, qemu: BareQemu, gdbPath: string): Promise<BareSession> {
    const folder = await mkdtemp(join(tmpdir(), 'uk-'));
    const socket = join(folder, 'g');
    const guest = qemu.startFrozen(artifact.image, { qmp: join(folder, 'q'), serial: join(folder, 's'), gdb: socket });
    const options = settings.flatMap((setting) => ['-iex', `set ${setting}`]);
    const gdb = startProcess(
      gdbPath,
      ['-nx', '-q', '--interpreter=mi3', ...options, artifact.symbols],
      ['pipe', 'pipe', 'inherit'],
    );
    const session = new BareSession(guest, gdb, folder);
    // gdb does not wait for a socket that nobody listens on yet.
    while (!(await session.send(`-target-select remote ${socket}`)).startsWith('^connected')) await delay(2);
    await session.expect('-break-insert main');
    await session.run('-exec-continue');
    return session;
  }

  /** Steps over one line, and asks for the stack and for the locals with their values. */
  async step(): Promise<void> {
    await this.run('-exec-next');
    await this.expect('-stack-list-frames 0 19');
    const variables = await this.expect('-stack-list-variables --thread 1 --frame 0 --all-values');
    if (!variables.includes('{name=')) throw new Error('gdb shows no local variable.');
  }

  /** Any command; throws when gdb refuses it. */
  async command(command: string): Promise<void> {
    await this.expect(command);
  }

  continueToStop(): Promise<void> {
    return this.run('-exec-continue');
  }

  async end(): Promise<void> {
    await Promise.all([end(this.gdb), end(this.qemu)]);
    await rm(this.folder, { recursive: true, force: true });
  }

  private async run(command: string): Promise<void> {
    const stopped = new Promise<void>((resolve) => (this.onStop = resolve));
    await this.expect(command);
    await Promise.race([stopped, this.lost]);
  }

  private async expect(command: string): Promise<string> {
    const answer = await this.send(command);
    if (answer.startsWith('^error')) throw new Error(`gdb refused ${command}: ${answer}`);
    return answer;
  }

  /** Gives the answer without its token. */
  private send(command: string): Promise<string> {
    const token = ++this.token;
    this.gdb.stdin?.write(`${token}${command}\n`);
    return Promise.race([new Promise<string>((resolve) => this.answers.set(token, resolve)), this.lost]);
  }

  private receive(line: string): void {
    if (line.startsWith('*stopped')) this.onStop?.();
    const [, token, answer = ''] = /^(\d+)(\^.*)$/.exec(line) ?? [];
    this.answers.get(Number(token))?.(answer);
  }
}
