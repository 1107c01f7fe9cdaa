import { debug, EventEmitter } from 'vscode';
import type { DebugSessionCustomEvent, Disposable, Event, Terminal } from 'vscode';
import type { GuestConnection } from './guestConnection';
import { typeName } from './identifiers';

/** The guests of this window's debug sessions: a console for each, and the latest one for the guest view. */
export class Guests implements Disposable {
  private readonly started = new EventEmitter<GuestConnection>();
  private readonly subscription: Disposable;
  private connection: GuestConnection | undefined;
  private terminal: Terminal | undefined;
  readonly onDidStart: Event<GuestConnection> = this.started.event;

  constructor() {
    this.subscription = debug.onDidReceiveDebugSessionCustomEvent((event) => {
      if (event.session.type === typeName && event.event === 'unikernel.guest') void this.open(event);
    });
  }

  /** The guest that started last, which may have ended. */
  get latest(): GuestConnection | undefined {
    return this.connection;
  }

  private async open(event: DebugSessionCustomEvent): Promise<void> {
    const { url, name, target } = event.body as Record<'url' | 'name' | 'target', string>;
    const [{ GuestConnection }, { openGuestTerminal }] = await Promise.all([
      import('./guestConnection'),
      import('./guestTerminal'),
    ]);
    this.terminal?.dispose();
    this.connection?.dispose();
    this.connection = new GuestConnection(url, name, target);
    this.terminal = openGuestTerminal(this.connection);
    this.started.fire(this.connection);
  }

  dispose(): void {
    this.subscription.dispose();
    this.terminal?.dispose();
    this.connection?.dispose();
    this.started.dispose();
  }
}
