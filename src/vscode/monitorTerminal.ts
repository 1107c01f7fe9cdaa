import { debug, EventEmitter, ThemeIcon, window } from 'vscode';
import type { Pseudoterminal, Terminal } from 'vscode';
import { messageOf } from '../errors';
import { askMachine, currentSession } from './machine';

const prompt = '(qemu) ';

/** Opens a terminal in which QEMU's monitor answers, for as long as the session lasts. */
export function openMonitor(): Terminal {
  const session = currentSession();
  const written = new EventEmitter<string>();
  const closed = new EventEmitter<void>();
  const ended = debug.onDidTerminateDebugSession((other) => {
    if (other === session) closed.fire();
  });
  const past: string[] = [];
  let line = '';
  /** How many lines back the shown one is; 0 is what is being typed. */
  let back = 0;

  const replace = (text: string): void => {
    line = text;
    written.fire(`\r\x1b[K${prompt}${line}`);
  };
  const run = async (): Promise<void> => {
    const command = line.trim();
    line = '';
    back = 0;
    written.fire('\r\n');
    if (command !== '') {
      past.push(command);
      const answer = await askMachine('unikernel.monitor', { command }, session).then(
        ({ output }) => output,
        messageOf,
      );
      written.fire(answer.trimEnd().replaceAll('\n', '\r\n') + (answer === '' ? '' : '\r\n'));
    }
    written.fire(prompt);
  };
  const recall = (step: number): void => {
    back = Math.min(past.length, Math.max(0, back + step));
    replace(back === 0 ? '' : (past.at(-back) ?? ''));
  };
  const take = (key: string): void => {
    if (key === '\r') void run();
    else if (key === '\x7f') replace(line.slice(0, -1));
    else if (key === '\x03') replace('');
    else if (key >= ' ') {
      line += key;
      written.fire(key);
    }
  };
  const pty: Pseudoterminal = {
    onDidWrite: written.event,
    onDidClose: closed.event,
    open() {
      written.fire(`QEMU's monitor; "help" lists its commands.\r\n${prompt}`);
    },
    close() {
      ended.dispose();
      written.dispose();
      closed.dispose();
    },
    handleInput(data) {
      if (data === '\x1b[A') recall(1);
      else if (data === '\x1b[B') recall(-1);
      else if (!data.startsWith('\x1b')) for (const key of data) take(key);
    },
  };
  const terminal = window.createTerminal({ name: 'QEMU Monitor', pty, iconPath: new ThemeIcon('terminal') });
  terminal.show();
  return terminal;
}
