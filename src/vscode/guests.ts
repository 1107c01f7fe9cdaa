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
  private project: string | undefined;
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

  /** The project whose guest's console a terminal is; undefined for other terminals. */
  projectOf(terminal: Terminal): string | undefined {
    return terminal === this.terminal ? this.project : undefined;
  }

  private async open({ session, body }: DebugSessionCustomEvent): Promise<void> {
    const { url, name, target } = body as Record<'url' | 'name' | 'target', string>;
    const [{ GuestConnection }, { openGuestTerminal }] = await Promise.all([
      import('./guestConnection'),
      import('./guestTerminal'),
    ]);
    this.terminal?.dispose();
    this.connection?.dispose();
    this.connection = new GuestConnection(url, name, target);
    this.terminal = openGuestTerminal(this.connection);
    const project: unknown = session.configuration['project'];
    this.project = typeof project === 'string' ? project : session.workspaceFolder?.uri.fsPath;
    this.started.fire(this.connection);
  }

  dispose(): void {
    this.subscription.dispose();
    this.terminal?.dispose();
    this.connection?.dispose();
    this.started.dispose();
  }
}
