import { debug, EventEmitter, window } from 'vscode';
import type { DebugConfiguration, DebugSession, DebugSessionCustomEvent, Disposable, Event, Terminal } from 'vscode';
import type { GuestConnection } from './guestConnection';
import { typeName } from './identifiers';

/** What the debug adapter says of a guest that it started. */
interface Announcement {
  readonly url: string;
  readonly name: string;
  readonly target: string;
  readonly debugged: boolean;
}

/** What an attach configuration says beside its name: gdb's socket among others. */
interface Attachment {
  readonly connect: string;
}

/** The guests of this window's debug sessions: a console for each, and the latest one for the guest view. */
export class Guests implements Disposable {
  private readonly started = new EventEmitter<GuestConnection>();
  private readonly subscriptions: readonly Disposable[];
  /** The sessions whose guests run without a debugger. */
  private readonly running = new Map<DebugSession, GuestConnection>();
  /** The guests that their debuggers let go, with what another one attaches with. */
  private readonly letGo = new Map<
    GuestConnection,
    { readonly session: DebugSession; readonly attachment: Attachment }
  >();
  /** The guests that a debugger was attached to, by the socket that its session connects to. */
  private readonly attached = new Map<string, GuestConnection>();
  private connection: GuestConnection | undefined;
  private terminal: Terminal | undefined;
  private project: string | undefined;
  readonly onDidStart: Event<GuestConnection> = this.started.event;

  constructor() {
    this.subscriptions = [
      debug.onDidReceiveDebugSessionCustomEvent((event) => {
        if (event.session.type !== typeName) return;
        if (event.event === 'unikernel.guest') void this.open(event);
        if (event.event === 'unikernel.letGo') this.keep(event);
      }),
      debug.onDidTerminateDebugSession((session) => {
        this.running.delete(session);
        this.detached(session);
      }),
    ];
  }

  /** The guest that started last, which may have ended. */
  get latest(): GuestConnection | undefined {
    return this.connection;
  }

  /** The project whose guest's console a terminal is; undefined for other terminals. */
  projectOf(terminal: Terminal): string | undefined {
    return terminal === this.terminal ? this.project : undefined;
  }

  /** Debugs a guest that runs without a debugger: the only one, or the one that the person chooses. */
  async attach(): Promise<void> {
    const candidates = [
      ...[...this.running].map(([session, connection]) => ({
        session,
        connection,
        attachment: async () => (await session.customRequest('unikernel.openGdb')) as Attachment,
      })),
      ...[...this.letGo].map(([connection, { session, attachment }]) => ({
        session,
        connection,
        attachment: () => Promise.resolve(attachment),
      })),
    ];
    if (candidates.length === 0) {
      await window.showInformationMessage('No guest runs without a debugger: "Unikernel: Run" starts one.');
      return;
    }
    const items = candidates.map((candidate) => ({
      label: candidate.session.name,
      description: projectOf(candidate.session) ?? '',
      ...candidate,
    }));
    const [only] = items;
    const chosen = items.length === 1 ? only : await window.showQuickPick(items, { title: 'Attach to Running Guest' });
    if (chosen === undefined) return;
    const fields = await chosen.attachment();
    const name = `Attached to ${chosen.label}`;
    const configuration: DebugConfiguration = { type: typeName, request: 'attach', name, ...fields };
    this.attached.set(fields.connect, chosen.connection);
    chosen.connection.send({ type: 'debugged', debugged: true });
    const isAttached = await debug.startDebugging(chosen.session.workspaceFolder, configuration);
    if (!isAttached) this.detach(fields.connect);
  }

  private detached({ configuration }: DebugSession): void {
    if (configuration.request === 'attach') this.detach(String(configuration['connect']));
  }

  /** No debugger owns the guest's run state any more. */
  private detach(socket: string): void {
    this.attached.get(socket)?.send({ type: 'debugged', debugged: false });
    this.attached.delete(socket);
  }

  private async open({ session, body }: DebugSessionCustomEvent): Promise<void> {
    const { url, name, target, debugged } = body as Announcement;
    const [{ GuestConnection }, { openGuestTerminal }] = await Promise.all([
      import('./guestConnection'),
      import('./guestTerminal'),
    ]);
    this.terminal?.dispose();
    if (this.connection !== undefined && !this.letGo.has(this.connection)) this.connection.dispose();
    this.connection = new GuestConnection(url, name, target);
    if (!debugged) this.running.set(session, this.connection);
    // A session that ended meanwhile is not heard of again; its guest's end is.
    this.connection.onDidClose(() => this.running.delete(session));
    this.terminal = openGuestTerminal(this.connection);
    this.project = projectOf(session);
    this.started.fire(this.connection);
  }

  /** The debugger of the latest guest is gone, the guest is not. */
  private keep({ session, body }: DebugSessionCustomEvent): void {
    const { connection } = this;
    this.running.delete(session);
    if (connection === undefined) return;
    this.letGo.set(connection, { session, attachment: body as Attachment });
    connection.onDidClose(() => {
      this.letGo.delete(connection);
      if (connection !== this.connection) connection.dispose();
    });
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
    this.terminal?.dispose();
    for (const connection of new Set([this.connection, ...this.letGo.keys()])) connection?.dispose();
    this.started.dispose();
  }
}

function projectOf({ configuration, workspaceFolder }: DebugSession): string | undefined {
  const project: unknown = configuration['project'];
  return typeof project === 'string' ? project : workspaceFolder?.uri.fsPath;
}
