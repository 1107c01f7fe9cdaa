import { commands, env, Uri, window } from 'vscode';
import { isCancelled, messageOf, UnikernelError } from '../errors';

/** Shows an error with its remedy's button; says nothing of what the person cancelled. */
export async function showError(error: unknown): Promise<void> {
  if (isCancelled(error)) return;
  if (!(error instanceof UnikernelError)) {
    await window.showErrorMessage(`Unikernel Tools: ${messageOf(error)}`);
    return;
  }
  const { button, text } = error.remedy;
  const message = [error.what, error.why, text].filter((part) => part !== '').join(' ');
  const chosen = await window.showErrorMessage(message, ...(button === undefined ? [] : [button.title]));
  if (button === undefined || chosen === undefined) return;
  if (/^https?:/.test(button.command)) await env.openExternal(Uri.parse(button.command));
  else await commands.executeCommand(button.command, ...(button.arguments ?? []));
}

/** The handler of a command: its errors are shown instead of thrown. */
export function shown<Arguments extends unknown[]>(
  work: (...values: Arguments) => Promise<unknown>,
): (...values: Arguments) => Promise<void> {
  return async (...values) => {
    try {
      await work(...values);
    } catch (error) {
      void showError(error);
    }
  };
}
