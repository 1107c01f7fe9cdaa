import { EventEmitter } from 'node:events';
import { gdbExited, gdbRefused, gdbTimeout } from './errors';
import { parseMi } from './mi/parser';
import { quote } from './mi/printer';
import { text, type MiRecord, type MiTuple } from './mi/record';
import type { GdbProcess } from './process';

interface Pending {
  readonly command: string;
  readonly resolve: (results: MiTuple) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/** A command and its words. */
export type Command = readonly [operation: string, words: readonly string[]];

/** What makes gdb understand a command that it would not understand by itself. */
export interface Detour {
  readonly before: readonly Command[];
  /** The command's words instead. */
  readonly words: readonly string[];
  readonly after: readonly Command[];
}

interface GdbEvents {
  /** `*stopped`. */
  stopped: [MiTuple];
  /** `*running`. */
  running: [MiTuple];
  /** `=class,…`. */
  notify: [string, MiTuple];
  /** What gdb prints for a person. */
  output: [string];
  /** gdb has ended. */
  exit: [];
  /** A warning among what gdb prints besides. */
  warning: [string];
  /** Every line that is said to gdb or by it, for a trace. */
  line: ['>' | '<', string];
}

/** A gdb that hangs is given so many milliseconds for each further command: requests that queue up must not add up. */
const silentTimeout = 1000;

/** Milliseconds in which gdb hears an interrupt, unless it is busy with another command. */
const unheardAfter = 500;

/** A gdb that is driven through its machine interface. */
export class Gdb extends EventEmitter<GdbEvents> {
  private readonly pending = new Map<number, Pending>();
  private readonly recent: string[] = [];
  private nextToken = 1;
  private ended = false;
  /** gdb let a command wait too long, and has said nothing since. */
  private isSilent = false;

  /** Each sees what those before it made of a command. */
  private readonly detours: ((operation: string, words: readonly string[]) => Detour | undefined)[] = [];

  constructor(private readonly process: GdbProcess) {
    super();
    process.onLine((line) => {
      this.receive(line);
    });
    process.onExit(() => {
      this.ended = true;
      for (const token of [...this.pending.keys()]) this.settle(token)?.reject(gdbExited(this.lastLines));
      this.emit('exit');
    });
  }

  /** What gdb printed last, without the answers to commands. */
  get lastLines(): string {
    return this.recent.join('').trim();
  }

  /** From now on, asks this what to do around a command. */
  addDetour(detourOf: (operation: string, words: readonly string[]) => Detour | undefined): void {
    this.detours.push(detourOf);
  }

  /**
   * Sends a command with its words, each quoted where it must be, and answers its results.
   * Rejects with `gdb.refused`, `gdb.timeout` (milliseconds) or `gdb.exited`.
   */
  async send(operation: string, words: readonly string[] = [], timeout = 10_000): Promise<MiTuple> {
    const before: Command[] = [];
    const after: Command[] = [];
    let understood = words;
    for (const detourOf of this.detours) {
      const detour = detourOf(operation, understood);
      if (detour === undefined) continue;
      before.push(...detour.before);
      after.push(...detour.after);
      understood = detour.words;
    }
    if (before.length === 0 && after.length === 0) return this.transmit(operation, understood, timeout);
    const transmit = ([name, its]: Command): Promise<MiTuple> => this.transmit(name, its, timeout);
    // All at once, so that nothing comes between; a command is worth nothing where what comes before it failed.
    const prepared = Promise.all(before.map(transmit));
    const results = this.transmit(operation, understood, timeout);
    const restored = Promise.all(after.map(transmit));
    return (await Promise.all([prepared, results, restored]))[1];
  }

  private transmit(operation: string, words: readonly string[], timeout: number): Promise<MiTuple> {
    const command = [`-${operation}`, ...words.map(encodeWord)].join(' ');
    return new Promise((resolve, reject) => {
      if (this.ended) {
        reject(gdbExited(this.lastLines));
        return;
      }
      const token = this.nextToken++;
      const patience = this.isSilent ? Math.min(timeout, silentTimeout) : timeout;
      const timer = setTimeout(() => {
        this.isSilent = true;
        this.settle(token)?.reject(gdbTimeout(command, patience));
      }, patience);
      this.pending.set(token, { command, resolve, reject, timer });
      this.emit('line', '>', `${token}${command}`);
      this.process.write(`${token}${command}`);
    });
  }

  /**
   * Interrupts the guest; throws as `send` does. While gdb carries out a command that runs the guest, as one that a person
   * defined may do, it reads nothing: then the guest is to be stopped by other means, which ends the command. The signal of a
   * Ctrl+C is none: gdb asks whether to give up the guest, and takes no answer for yes.
   */
  async interrupt(otherwise: () => void = () => undefined): Promise<void> {
    const unheard = setTimeout(otherwise, unheardAfter);
    try {
      await this.send('exec-interrupt');
    } finally {
      clearTimeout(unheard);
    }
  }

  /** Ends gdb at once. */
  kill(): void {
    this.process.kill();
  }

  private receive(line: string): void {
    this.isSilent = false;
    this.emit('line', '<', line);
    let record: MiRecord | undefined;
    try {
      record = parseMi(line);
    } catch {
      // A line that gdb garbled is shown as it is, rather than ending the session.
    }
    if (record === undefined) this.print(`${line}\n`);
    else this.handle(record);
  }

  private handle(record: MiRecord): void {
    switch (record.type) {
      case 'result':
        this.answer(record.token ?? 0, record.class, record.results);
        break;
      case 'exec':
        if (record.class === 'stopped') this.emit('stopped', record.results);
        else if (record.class === 'running') this.emit('running', record.results);
        break;
      case 'notify':
        this.emit('notify', record.class, record.results);
        break;
      case 'console':
      case 'target':
        this.print(record.text);
        break;
      case 'log':
        this.keep(record.text);
        if (record.text.startsWith('warning: ')) this.emit('warning', record.text.trim());
        break;
      case 'status':
      case 'prompt':
        break;
    }
  }

  private answer(token: number, resultClass: string, results: MiTuple): void {
    const request = this.settle(token);
    if (request === undefined) return;
    if (resultClass === 'error') request.reject(gdbRefused(request.command, text(results['msg'])));
    else request.resolve(results);
  }

  private print(output: string): void {
    this.keep(output);
    this.emit('output', output);
  }

  private keep(output: string): void {
    this.recent.push(output);
    if (this.recent.length > 20) this.recent.shift();
  }

  private settle(token: number): Pending | undefined {
    const request = this.pending.get(token);
    if (request === undefined) return undefined;
    this.pending.delete(token);
    clearTimeout(request.timer);
    return request;
  }
}

/** A word with anything but the plainest characters is sent as a C string. */
function encodeWord(word: string): string {
  return /^[\w@%+./:=*-]+$/.test(word) ? word : quote(word);
}
