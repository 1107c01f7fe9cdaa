import { EventEmitter } from 'vscode';
import type { Disposable, Event } from 'vscode';
import { WebSocket } from 'ws';
import { describeExit } from '../qemu/exitStatus';
import type { GuestMessage, GuestRequest } from '../qemu/server';

/** How a guest is, for a view of it. */
export interface GuestStatus {
  readonly state: 'starting' | 'running' | 'paused' | 'ended';
  /** In words; of a guest that ended, how. */
  readonly text: string;
  /** How long it has run, pauses left out. */
  readonly milliseconds: number;
}

/** The connection to one running guest; the debug adapter's process has the other end. */
export class GuestConnection implements Disposable {
  private readonly received = new EventEmitter<GuestMessage>();
  private readonly closed = new EventEmitter<undefined>();
  private readonly socket: WebSocket;
  /** What was received so far, for a view that opens later; the console's oldest part is dropped. */
  private readonly past: GuestMessage[] = [];
  private state: GuestStatus['state'] = 'starting';
  private text: string | undefined;
  private ranBefore = 0;
  private runningSince: number | undefined;
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
      if (message.type === 'hello' || message.type === 'debugged') this.debugged = message.debugged;
      if (message.type === 'exit') this.text = describeExit(message);
      if (message.type === 'hello' || message.type === 'state') this.enter(message.state);
      this.past.push(message);
      if (this.past.length > 10_000) this.past.shift();
      this.received.fire(message);
    });
    // An error is followed by close, which says all that there is to say: the guest is gone.
    this.socket.on('error', () => undefined);
    this.socket.on('close', () => {
      this.enter('ended');
      this.closed.fire(undefined);
    });
  }

  get messages(): readonly GuestMessage[] {
    return this.past;
  }

  get status(): GuestStatus {
    const { state, text = state, ranBefore, runningSince } = this;
    return { state, text, milliseconds: ranBefore + (runningSince === undefined ? 0 : Date.now() - runningSince) };
  }

  send(request: GuestRequest): void {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(request));
  }

  private enter(state: GuestStatus['state']): void {
    this.ranBefore = this.status.milliseconds;
    this.runningSince = state === 'running' ? Date.now() : undefined;
    this.state = state;
  }

  dispose(): void {
    this.socket.close();
    this.received.dispose();
    this.closed.dispose();
  }
}
