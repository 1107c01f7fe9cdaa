import { ProgressLocation, window } from 'vscode';
import { messageOf } from '../errors';
import type { Installation } from '../installation';
import { targets } from '../targets';
import { openEngine } from './builds';
import { readSettings } from './settings';

/** Looks for everything that building, running and debugging need, and says what is missing and how to get it. */
export async function checkSetup(installation: Installation): Promise<void> {
  const options = { location: ProgressLocation.Notification, title: 'Checking the setup', cancellable: true };
  const lines = await window.withProgress(options, async (_, token) => {
    const controller = new AbortController();
    token.onCancellationRequested(() => {
      controller.abort();
    });
    return Promise.all(checks(installation, controller.signal));
  });
  const channel = window.createOutputChannel('Unikernel Setup');
  lines.forEach(({ text }) => {
    channel.appendLine(text);
  });
  const missing = lines.filter(({ ok }) => !ok).length;
  if (missing === 0) void window.showInformationMessage('Unikernel Tools: everything that is needed is here.');
  channel.show(true);
}

interface Finding {
  readonly ok: boolean;
  readonly text: string;
}

function checks(installation: Installation, signal: AbortSignal): Promise<Finding>[] {
  const { qemuPath, gdbPath } = readSettings();
  const programs = [...new Set(targets.map(({ machine }) => machine.program))];
  const architectures = [...new Set(targets.map(({ architecture }) => architecture))];
  return [
    find('Engine', async () => (await openEngine(installation, signal)).description),
    ...programs.map((program) =>
      find(program, async () => {
        const { findQemu } = await import('../core');
        const { path, version } = await findQemu(program, qemuPath, signal);
        return `${path} (${version})`;
      }),
    ),
    ...architectures.map((architecture) =>
      find(`gdb for ${architecture}`, async () => {
        const { findGdb } = await import('../core');
        const { path, version } = await findGdb(architecture, gdbPath, signal);
        return `${path} (${version})`;
      }),
    ),
  ];
}

async function find(name: string, look: () => Promise<string>): Promise<Finding> {
  try {
    return { ok: true, text: `[ok]      ${name}: ${await look()}` };
  } catch (error) {
    return { ok: false, text: `[missing] ${name}: ${messageOf(error).replaceAll('\n', '\n          ')}` };
  }
}
