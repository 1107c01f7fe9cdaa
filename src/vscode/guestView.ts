import { commands, Uri, ViewColumn, window } from 'vscode';
import type { Disposable, Webview, WebviewPanel } from 'vscode';
import { randomBytes } from 'node:crypto';
import type { GuestConnection, GuestStatus } from './guestConnection';
import type { GuestMessage, GuestRequest } from '../qemu/server';
import type { Guests } from './guests';

/** What the page is told; media/src/guestView.ts receives it. */
export type GuestPageMessage =
  | { readonly type: 'guest'; readonly name: string; readonly target: string }
  | ({ readonly type: 'status' } & GuestStatus)
  | { readonly type: 'console'; readonly data: string };

/** The page that shows a guest: its console, state, target and how long it has run. */
export class GuestView implements Disposable {
  private panel: WebviewPanel | undefined;
  private connected: Disposable[] = [];
  private readonly subscription: Disposable;

  constructor(
    private readonly extensionUri: Uri,
    private readonly guests: Guests,
  ) {
    this.subscription = guests.onDidStart((connection) => {
      this.connect(connection);
    });
  }

  open(): void {
    if (this.panel !== undefined) {
      this.panel.reveal();
      return;
    }
    const media = Uri.joinPath(this.extensionUri, 'media');
    const panel = window.createWebviewPanel('unikernel.guest', 'Guest', ViewColumn.Beside, {
      enableScripts: true,
      localResourceRoots: [media],
      retainContextWhenHidden: true,
    });
    panel.iconPath = Uri.joinPath(media, 'icon.png');
    panel.webview.onDidReceiveMessage((message: GuestRequest | { type: 'ready' }) => {
      const { latest } = this.guests;
      if (latest === undefined) return;
      if (message.type === 'ready') this.connect(latest);
      else request(latest, message);
    });
    panel.onDidDispose(() => {
      this.disconnect();
      this.panel = undefined;
    });
    panel.webview.html = page(panel.webview, media);
    this.panel = panel;
  }

  private connect(connection: GuestConnection): void {
    this.disconnect();
    const webview = this.panel?.webview;
    if (webview === undefined) return;
    const post = (message: GuestPageMessage): void => void webview.postMessage(message);
    const showStatus = (): void => {
      post({ type: 'status', ...connection.status });
    };
    const print = (message: GuestMessage): void => {
      if (message.type === 'hello') post({ type: 'console', data: message.backlog });
      if (message.type === 'console') post({ type: 'console', data: message.data });
    };
    post({ type: 'guest', name: connection.name, target: connection.targetId });
    connection.messages.forEach(print);
    showStatus();
    this.connected = [
      connection.onMessage((message) => {
        print(message);
        if (message.type !== 'console') showStatus();
      }),
      connection.onDidClose(showStatus),
    ];
  }

  private disconnect(): void {
    for (const subscription of this.connected) subscription.dispose();
    this.connected = [];
  }

  dispose(): void {
    this.subscription.dispose();
    this.panel?.dispose();
  }
}

const debugCommands = { pause: 'pause', resume: 'continue', reset: 'restart' } as const;

/** Does what a button asks; while a debugger is at work, it must be the one that stops and resumes. */
function request(connection: GuestConnection, message: GuestRequest): void {
  const { type } = message;
  if (connection.debugged && (type === 'pause' || type === 'resume' || type === 'reset'))
    void commands.executeCommand(`workbench.action.debug.${debugCommands[type]}`);
  else connection.send(message);
}

function page(webview: Webview, media: Uri): string {
  const nonce = randomBytes(16).toString('base64');
  const uri = (name: string): string => webview.asWebviewUri(Uri.joinPath(media, 'dist', name)).toString();
  const policy = [
    `default-src 'none'`,
    `script-src 'nonce-${nonce}'`,
    // The terminal sets sizes and colours by style elements of its own.
    `style-src ${webview.cspSource} 'unsafe-inline'`,
    `font-src ${webview.cspSource}`,
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta http-equiv="Content-Security-Policy" content="${policy}" />
    <link rel="stylesheet" href="${uri('guestView.css')}" />
    <title>Guest</title>
  </head>
  <body>
    <header>
      <span id="state" role="status" data-state="none">No guest</span>
      <strong id="name"></strong>
      <span id="target"></span>
      <span id="uptime" role="timer"></span>
      <span id="buttons" role="toolbar" aria-label="Guest">
        <button data-request="pause" title="Stop the guest where it is" disabled>Pause</button>
        <button data-request="resume" title="Let the guest run on" disabled>Resume</button>
        <button data-request="reset" title="Boot the guest again" disabled>Reset</button>
        <button data-request="powerOff" title="End the guest" disabled>Power Off</button>
      </span>
    </header>
    <p id="hint">No guest has been started in this window. Press F5 to debug the project, or run <em>Unikernel: Run</em>.</p>
    <main id="console" aria-label="Console of the guest" hidden></main>
    <script nonce="${nonce}" src="${uri('guestView.js')}"></script>
  </body>
</html>`;
}
