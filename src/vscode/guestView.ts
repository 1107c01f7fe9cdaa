import { commands, Uri, ViewColumn, window } from 'vscode';
import type { Disposable, Webview, WebviewPanel } from 'vscode';
import { randomBytes } from 'node:crypto';
import type { GuestConnection } from './guestConnection';
import type { GuestMessage, GuestRequest } from '../qemu/server';
import type { Guests } from './guests';

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
    const { name, targetId: target } = connection;
    void webview.postMessage({ type: 'guest', name, target });
    const forward = (message: GuestMessage): void => void webview.postMessage(message);
    connection.messages.forEach(forward);
    const ended = (): void => void webview.postMessage({ type: 'state', state: 'ended' });
    if (connection.ended) ended();
    this.connected = [connection.onMessage(forward), connection.onDidClose(ended)];
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
  if (!connection.debugged || message.type === 'input' || message.type === 'powerOff') connection.send(message);
  else void commands.executeCommand(`workbench.action.debug.${debugCommands[message.type]}`);
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
      <span id="state" role="status">no guest</span>
      <strong id="name"></strong>
      <span id="target"></span>
      <span id="uptime"></span>
      <span id="buttons">
        <button data-request="pause">Pause</button>
        <button data-request="resume">Resume</button>
        <button data-request="reset">Reset</button>
        <button data-request="powerOff">Power Off</button>
      </span>
    </header>
    <main id="console" aria-label="Console of the guest"></main>
    <script nonce="${nonce}" src="${uri('guestView.js')}"></script>
  </body>
</html>`;
}
