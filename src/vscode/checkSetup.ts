import { window } from 'vscode';
import type { OutputChannel } from 'vscode';
import type { Installation } from '../installation';
import { openEngine } from './builds';
import { cancellable } from './progress';
import { readSettings } from './settings';

/** Looks for everything that building, running and debugging need, and says what is missing and how to get it. */
export async function checkSetup(installation: Installation, channel: OutputChannel): Promise<void> {
  const checks = await cancellable('Checking the setup', async (_, signal) => {
    const core = await import('../core');
    const { qemuPath: qemu, gdbPath: gdb } = readSettings();
    return core.checkSetup(() => openEngine(installation, signal), { qemu, gdb }, signal);
  });
  channel.clear();
  for (const { name, ok, detail, remedy } of checks) {
    channel.appendLine(`${ok ? '[ok]     ' : '[missing]'} ${name}: ${detail}`);
    if (remedy !== undefined) channel.appendLine(`          ${remedy.replaceAll('\n', '\n          ')}`);
  }
  channel.show(true);
  const missing = checks.filter(({ ok }) => !ok).map(({ name }) => name);
  if (missing.length === 0) void window.showInformationMessage('Unikernel Tools: everything that is needed is here.');
  else void window.showWarningMessage(`Unikernel Tools: missing ${missing.join(', ')}. The output says how to get it.`);
}
