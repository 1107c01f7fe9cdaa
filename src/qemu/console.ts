import type { Socket } from 'node:net';

/** Bytes of output kept for those who subscribe later. */
const backlogLimit = 1 << 20;

/** What the library OS begins its report of a crash with (LIBOS_REPORT in libos/include/libos.h). */
const begin = Buffer.from('\x1e\r\n*** ');
/** More than a report ever has. */
const longestReport = 16_384;

/** Calls back with what the guest wrote; `isReport`: not by the program, but by the library OS, because it crashed. */
export type ConsoleSubscriber = (data: Buffer, isReport: boolean) => void;

/** What the library OS wrote of a crash, if that is how the guest ended, and what a person may see of it. */
export interface CrashReports {
  readonly hasCrashed: () => Promise<boolean>;
  readonly describe: (report: Buffer) => Promise<Buffer>;
}

/** The guest's serial port. */
export class GuestConsole {
  private readonly subscribers = new Set<ConsoleSubscriber>();
  private chunks: Buffer[] = [];
  private length = 0;
  private held = Buffer.alloc(0);
  /** Resolves when the port is closed and all that the guest wrote has been handed on. */
  readonly closed: Promise<void>;

  constructor(
    private readonly socket: Socket,
    private readonly reports?: CrashReports,
  ) {
    socket.on('data', (data: Buffer) => {
      this.receive(data);
    });
    this.closed = new Promise<void>((resolve) => {
      socket.once('close', () => {
        resolve();
      });
    }).then(() => this.finish());
  }

  /** What the guest wrote lately, at most the last MiB or so. */
  get backlog(): Buffer {
    return Buffer.concat(this.chunks);
  }

  /** Calls back with everything written from the start (as far as it is kept) and from now on; returns how to stop that. */
  subscribe(subscriber: ConsoleSubscriber): () => void {
    if (this.length > 0) subscriber(this.backlog, false);
    return this.follow(subscriber);
  }

  /** Calls back with everything written from now on; returns how to stop that. */
  follow(subscriber: ConsoleSubscriber): () => void {
    this.subscribers.add(subscriber);
    return () => this.subscribers.delete(subscriber);
  }

  /** Types into the guest's serial port. */
  write(data: string | Uint8Array): void {
    if (!this.socket.destroyed) this.socket.write(data);
  }

  /** Hands on what is the program's for sure. What may be a report, which nothing follows, is held back until the end. */
  private receive(data: Buffer): void {
    const all = Buffer.concat([this.held, data]);
    const report = this.reports === undefined ? -1 : all.lastIndexOf(begin);
    const isReport = report !== -1 && all.length - report <= longestReport;
    const end = isReport ? report : all.length - (this.reports === undefined ? 0 : beginningAtTheEnd(all));
    this.held = all.subarray(end);
    this.handOn(all.subarray(0, end), false);
  }

  private async finish(): Promise<void> {
    const { held, reports } = this;
    const isReport = held.length >= begin.length && (await reports?.hasCrashed()) === true;
    this.handOn(isReport && reports ? await reports.describe(held.subarray(1)) : held, isReport);
  }

  private handOn(data: Buffer, isReport: boolean): void {
    if (data.length === 0) return;
    this.remember(data);
    for (const subscriber of this.subscribers) subscriber(data, isReport);
  }

  private remember(data: Buffer): void {
    this.chunks.push(data);
    this.length += data.length;
    while (this.length > backlogLimit && this.chunks.length > 1) this.length -= this.chunks.shift()?.length ?? 0;
  }
}

/** How many bytes at the end of the output may begin a report. */
function beginningAtTheEnd(output: Buffer): number {
  for (let length = begin.length - 1; length > 0; length -= 1)
    if (output.subarray(-length).equals(begin.subarray(0, length))) return length;
  return 0;
}
