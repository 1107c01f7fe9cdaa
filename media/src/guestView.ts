import { FitAddon } from '@xterm/addon-fit';
import { Terminal } from '@xterm/xterm';
import './guestView.css';

type Message =
  | { type: 'guest'; name: string; target: string }
  | { type: 'hello'; state: string; startedAt: string; backlog: string }
  | { type: 'state'; state: string }
  | { type: 'console'; data: string }
  | { type: 'exit' };

declare function acquireVsCodeApi(): { postMessage(message: unknown): void };

const editor = acquireVsCodeApi();
const element = (id: string): HTMLElement => {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`The page has no #${id}`);
  return found;
};

const style = getComputedStyle(document.documentElement);
const colour = (name: string): string => style.getPropertyValue(`--vscode-${name}`).trim();
const terminal = new Terminal({
  convertEol: true,
  fontFamily: colour('editor-font-family') || 'monospace',
  fontSize: Number.parseInt(colour('editor-font-size'), 10) || 13,
  theme: { background: colour('editor-background'), foreground: colour('editor-foreground') },
});
const fit = new FitAddon();
terminal.loadAddon(fit);
terminal.open(element('console'));
fit.fit();
new ResizeObserver(() => {
  fit.fit();
}).observe(element('console'));

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

let startedAt: number | undefined;
let ended = true;

function write(base64: string): void {
  terminal.write(Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)));
}

function showState(state: string): void {
  ended = state === 'ended';
  element('state').textContent = state;
  element('state').dataset['state'] = state;
  const possible = {
    pause: state === 'running',
    resume: state === 'paused',
    reset: !ended,
    powerOff: !ended,
  };
  for (const button of buttons) {
    button.disabled = !possible[button.dataset['request'] as keyof typeof possible];
  }
}

function showUptime(): void {
  if (startedAt === undefined || ended) return;
  const seconds = Math.round((Date.now() - startedAt) / 1000);
  element('uptime').textContent = `up ${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

window.addEventListener('message', ({ data }: MessageEvent<Message>) => {
  switch (data.type) {
    case 'guest':
      terminal.reset();
      element('name').textContent = data.name;
      element('target').textContent = data.target;
      break;
    case 'hello':
      startedAt = Date.parse(data.startedAt);
      write(data.backlog);
      showState(data.state);
      break;
    case 'state':
      showState(data.state);
      break;
    case 'console':
      write(data.data);
      break;
    case 'exit':
      showState('ended');
      break;
  }
  showUptime();
});

setInterval(showUptime, 1000);
for (const button of buttons) button.disabled = true;
editor.postMessage({ type: 'ready' });
