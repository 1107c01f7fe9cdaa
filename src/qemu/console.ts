import type { Socket } from 'node:net';

/** Bytes of output kept for those who subscribe later. */
const backlogLimit = 1 << 20;

/** Changes what the guest wrote before anyone sees it. */
export interface ConsoleFilter {
  /** Takes output, gives what may be shown of it; called again when it has answered. */
  push(output: Buffer): Promise<Buffer>;
  /** What was held back: no more output comes. */
  flush(): Buffer;
}

/** The guest's serial port. */
export class GuestConsole {
  private readonly subscribers = new Set<(data: Buffer) => void>();
  private chunks: Buffer[] = [];
  private length = 0;
  /** Resolves when the port is closed and all that the guest wrote has been handed on. */
  readonly closed: Promise<void>;

  constructor(
    private readonly socket: Socket,
    filter?: ConsoleFilter,
  ) {
    let filtering = Promise.resolve();
    socket.on('data', (data: Buffer) => {
      if (filter === undefined) this.handOn(data);
      else
        filtering = filtering.then(async () => {
          this.handOn(await filter.push(data));
        });
    });
    this.closed = new Promise<void>((resolve) => {
      socket.once('close', () => {
        resolve();
      });
    }).then(async () => {
      await filtering;
      if (filter !== undefined) this.handOn(filter.flush());
    });
  }

  /** What the guest wrote lately, at most the last MiB or so. */
  get backlog(): Buffer {
    return Buffer.concat(this.chunks);
  }

  /** Calls back with everything written from the start (as far as it is kept) and from now on; returns how to stop that. */
  subscribe(subscriber: (data: Buffer) => void): () => void {
    if (this.length > 0) subscriber(this.backlog);
    return this.follow(subscriber);
  }

  /** Calls back with everything written from now on; returns how to stop that. */
  follow(subscriber: (data: Buffer) => void): () => void {
    this.subscribers.add(subscriber);
    return () => this.subscribers.delete(subscriber);
  }

  /** Types into the guest's serial port. */
  write(data: string | Uint8Array): void {
    if (!this.socket.destroyed) this.socket.write(data);
  }

  private handOn(data: Buffer): void {
    if (data.length === 0) return;
    this.remember(data);
    for (const subscriber of this.subscribers) subscriber(data);
  }

  private remember(data: Buffer): void {
    this.chunks.push(data);
    this.length += data.length;
    while (this.length > backlogLimit && this.chunks.length > 1) this.length -= this.chunks.shift()?.length ?? 0;
  }
}
