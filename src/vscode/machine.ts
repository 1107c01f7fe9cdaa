import { debug, window } from 'vscode';
import type { DebugSession } from 'vscode';
import type { MachineRequests } from '../debug/machine';
import { typeName } from './identifiers';

/** The debug session that the person works in, where it is one of ours. */
export function currentSession(): DebugSession {
  const session = debug.activeDebugSession;
  if (session?.type !== typeName) throw new Error('No unikernel is being debugged.');
  return session;
}

/** Asks the debug adapter about the machine that the guest runs on. */
export async function askMachine<Command extends keyof MachineRequests>(
  command: Command,
  args?: MachineRequests[Command]['arguments'],
  session: DebugSession = currentSession(),
): Promise<MachineRequests[Command]['body']> {
  return (await session.customRequest(command, args)) as MachineRequests[Command]['body'];
}

/** Keeps the machine as it is, under a name that the person gives. */
export async function saveSnapshot(): Promise<void> {
  const session = currentSession();
  const name = await window.showInputBox({
    title: 'Save Snapshot',
    prompt: 'A name for how the guest is now.',
    value: new Date().toLocaleTimeString(),
    validateInput: (value) => (value.trim() === '' ? 'A snapshot needs a name.' : undefined),
  });
  if (name === undefined) return;
  await askMachine('unikernel.saveSnapshot', { name }, session);
  window.setStatusBarMessage(`Snapshot "${name}" saved`, 5000);
}

/** Makes the machine as it was in a snapshot that the person chooses. */
export async function restoreSnapshot(): Promise<void> {
  const session = currentSession();
  const { snapshots } = await askMachine('unikernel.snapshots', undefined, session);
  const items = snapshots
    .map(({ name, savedAt }) => ({ label: name, description: new Date(savedAt * 1000).toLocaleTimeString() }))
    .reverse();
  if (items.length === 0) {
    await window.showInformationMessage('This guest has no snapshots yet: "Unikernel: Save Snapshot" makes one.');
    return;
  }
  const chosen = await window.showQuickPick(items, { title: 'Restore Snapshot' });
  if (chosen !== undefined) await askMachine('unikernel.restoreSnapshot', { name: chosen.label }, session);
}
