import { EventEmitter } from 'vscode';
import type { Disposable, Event } from 'vscode';
import { WebSocket } from 'ws';
import type { GuestMessage, GuestRequest } from '../qemu/server';

/** The connection to one running guest; the debug adapter's process has the other end. */
export class GuestConnection implements Disposable {
  private readonly received = new EventEmitter<GuestMessage>();
  private readonly closed = new EventEmitter<undefined>();
  private readonly socket: WebSocket;
  /** What was received so far, for a view that opens later; the console's oldest part is dropped. */
  private readonly past: GuestMessage[] = [];
  /** A debugger owns the run state: the editor's debug commands pause and resume then. */
  debugged = false;
  readonly onMessage: Event<GuestMessage> = this.received.event;
  readonly onDidClose: Event<undefined> = this.closed.event;

  constructor(
    url: string,
    readonly name: string,
    readonly targetId: string,
  ) {
    this.socket = new WebSocket(url);
    this.socket.on('message', (data: Buffer) => {
      const message = JSON.parse(data.toString()) as GuestMessage;
      if (message.type === 'hello') this.debugged = message.debugged;
      this.past.push(message);
      if (this.past.length > 10_000) this.past.shift();
      this.received.fire(message);
    });
    // An error is followed by close, which says all that there is to say: the guest is gone.
    this.socket.on('error', () => undefined);
    this.socket.on('close', () => {
      this.closed.fire(undefined);
    });
  }

  get messages(): readonly GuestMessage[] {
    return this.past;
  }

  get ended(): boolean {
    return this.socket.readyState >= WebSocket.CLOSING;
  }

  send(request: GuestRequest): void {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(request));
  }

  dispose(): void {
    this.socket.close();
    this.received.dispose();
    this.closed.dispose();
  }
}
