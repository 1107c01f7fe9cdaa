import { EventEmitter, ThemeIcon, window } from 'vscode';
import type { Pseudoterminal, Terminal } from 'vscode';
import type { GuestConnection } from './guestConnection';
import type { GuestMessage } from '../qemu/server';

/** Opens a terminal that is the guest's console: what is typed goes to the guest. */
export function openGuestTerminal(connection: GuestConnection): Terminal {
  const written = new EventEmitter<string>();
  const decoder = new TextDecoder();
  const show = (message: GuestMessage): void => {
    if (message.type !== 'console' && message.type !== 'hello') return;
    // What was printed before we connected comes with the greeting.
    const data = message.type === 'hello' ? message.backlog : message.data;
    const text = decoder.decode(Buffer.from(data, 'base64'), { stream: true });
    // The guest ends lines as programs do; a terminal needs the carriage return too.
    written.fire(text.replaceAll(/\r?\n/g, '\r\n'));
  };
  const pty: Pseudoterminal = {
    onDidWrite: written.event,
    open() {
      connection.messages.forEach(show);
      connection.onMessage(show);
      connection.onDidClose(() => {
        written.fire('\r\n\x1b[2mThe guest has ended.\x1b[0m\r\n');
      });
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
