import { EventEmitter, ThemeIcon, window } from 'vscode';
import type { Pseudoterminal, Terminal } from 'vscode';
import { describeExit } from '../qemu/exitStatus';
import type { GuestMessage } from '../qemu/server';
import type { GuestConnection } from './guestConnection';

/** Opens a terminal that is the guest's console: what is typed goes to the guest. */
export function openGuestTerminal(connection: GuestConnection): Terminal {
  const written = new EventEmitter<string>();
  const decoder = new TextDecoder();
  const print = (base64: string): void => {
    const text = decoder.decode(Buffer.from(base64, 'base64'), { stream: true });
    // The guest ends lines as programs do; a terminal needs the carriage return too.
    written.fire(text.replaceAll(/\r?\n/g, '\r\n'));
  };
  const show = (message: GuestMessage): void => {
    // What was printed before we connected comes with the greeting.
    if (message.type === 'hello') print(message.backlog);
    else if (message.type === 'console') print(message.data);
    else if (message.type === 'exit') written.fire(`\r\n\x1b[2mThe guest ended: ${describeExit(message)}\x1b[0m\r\n`);
  };
  const pty: Pseudoterminal = {
    onDidWrite: written.event,
    open() {
      connection.messages.forEach(show);
      connection.onMessage(show);
    },
    close() {
      written.dispose();
    },
    handleInput(data) {
      connection.send({ type: 'input', data: Buffer.from(data.replaceAll('\r', '\n')).toString('base64') });
    },
  };
  const terminal = window.createTerminal({ name: `Guest: ${connection.name}`, pty, iconPath: new ThemeIcon('vm') });
  terminal.show(true);
  return terminal;
}
