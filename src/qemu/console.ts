import type { Socket } from 'node:net';

/** Bytes of output kept for those who subscribe later. */
const backlogLimit = 1 << 20;

/** The guest's serial port. */
export class GuestConsole {
  private readonly subscribers = new Set<(data: Buffer) => void>();
  private chunks: Buffer[] = [];
  private length = 0;
  /** Resolves when the port is closed and all that the guest wrote has been handed on. */
  readonly closed: Promise<void>;

  constructor(private readonly socket: Socket) {
    socket.on('data', (data: Buffer) => {
      this.remember(data);
      for (const subscriber of this.subscribers) subscriber(data);
    });
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        resolve();
      });
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

  private remember(data: Buffer): void {
    this.chunks.push(data);
    this.length += data.length;
    while (this.length > backlogLimit && this.chunks.length > 1) this.length -= this.chunks.shift()?.length ?? 0;
  }
}
