import { FitAddon } from '@xterm/addon-fit';
import { Terminal } from '@xterm/xterm';
import type { ITheme } from '@xterm/xterm';
import type { GuestPageMessage } from '../../src/vscode/guestView';
import './guestView.css';

declare function acquireVsCodeApi(): { postMessage(message: unknown): void };

const editor = acquireVsCodeApi();
const element = (id: string): HTMLElement => {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`The page has no #${id}`);
  return found;
};

/** The editor's colours of terminals, as they are now. */
function theme(): ITheme {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string): string => style.getPropertyValue(`--vscode-${name}`).trim();
  const names = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'] as const;
  const ansi = names.flatMap((name) => {
    const capital = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
    return [
      [name, colour(`terminal-ansi${capital}`)],
      [`bright${capital}`, colour(`terminal-ansiBright${capital}`)],
    ];
  });
  const foreground = colour('terminal-foreground') || colour('editor-foreground');
  return {
    ...(Object.fromEntries(ansi) as ITheme),
    background: colour('editor-background'),
    foreground,
    cursor: colour('terminalCursor-foreground') || foreground,
    selectionBackground: colour('terminal-selectionBackground') || colour('editor-selectionBackground'),
  };
}

const fonts = getComputedStyle(document.documentElement);
const terminal = new Terminal({
  convertEol: true,
  fontFamily: fonts.getPropertyValue('--vscode-editor-font-family') || 'monospace',
  fontSize: Number.parseInt(fonts.getPropertyValue('--vscode-editor-font-size'), 10) || 13,
  theme: theme(),
});
const fit = new FitAddon();
terminal.loadAddon(fit);
terminal.open(element('console'));
new ResizeObserver(() => {
  fit.fit();
}).observe(element('console'));
// The editor sets its colours anew when the person chooses another theme.
new MutationObserver(() => {
  terminal.options.theme = theme();
}).observe(document.documentElement, { attributeFilter: ['style'] });

terminal.onData((data) => {
  const bytes = new TextEncoder().encode(data.replaceAll('\r', '\n'));
  editor.postMessage({ type: 'input', data: btoa(String.fromCharCode(...bytes)) });
});

const buttons = [...document.querySelectorAll<HTMLButtonElement>('button[data-request]')];
for (const button of buttons) {
  button.addEventListener('click', () => {
    editor.postMessage({ type: button.dataset['request'] });
  });
}

/** When the guest would have started, had it never been paused; undefined while it does not run. */
let runningSince: number | undefined;

function showUptime(milliseconds: number): void {
  const seconds = Math.floor(milliseconds / 1000);
  element('uptime').textContent = `up ${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

function showStatus({ state, text, milliseconds }: Extract<GuestPageMessage, { type: 'status' }>): void {
  const words = text === state ? state : `${state}: ${text}`;
  element('state').textContent = `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
  element('state').dataset['state'] = state;
  const alive = state === 'running' || state === 'paused';
  const possible = { pause: state === 'running', resume: state === 'paused', reset: alive, powerOff: alive };
  for (const button of buttons) {
    button.disabled = !possible[button.dataset['request'] as keyof typeof possible];
  }
  terminal.options.disableStdin = !alive;
  terminal.options.cursorInactiveStyle = alive ? 'outline' : 'none';
  runningSince = state === 'running' ? Date.now() - milliseconds : undefined;
  showUptime(milliseconds);
}

window.addEventListener('message', ({ data }: MessageEvent<GuestPageMessage>) => {
  switch (data.type) {
    case 'guest':
      terminal.reset();
      element('hint').hidden = true;
      element('console').hidden = false;
      fit.fit();
      element('name').textContent = data.name;
      element('target').textContent = data.target;
      break;
    case 'status':
      showStatus(data);
      break;
    case 'console':
      terminal.write(Uint8Array.from(atob(data.data), (character) => character.charCodeAt(0)));
      break;
  }
});

setInterval(() => {
  if (runningSince !== undefined) showUptime(Date.now() - runningSince);
}, 1000);
editor.postMessage({ type: 'ready' });
