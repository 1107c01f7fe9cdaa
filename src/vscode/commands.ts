import { commands, debug, Uri, window, workspace } from 'vscode';
import type { DebugSessionOptions, Memento } from 'vscode';
import type { Installation } from '../installation';
import { findTarget } from '../targets';
import type { Builds } from './builds';
import { checkSetup } from './checkSetup';
import type { Guests } from './guests';
import type { GuestView } from './guestView';
import { commands as ids, typeName } from './identifiers';
import { askMachine, currentSession, restoreSnapshot, saveSnapshot } from './machine';
import { openMonitor } from './monitorTerminal';
import { newProject } from './newProject';
import type { Projects } from './projects';
import { shown } from './showError';
import { ShownTexts } from './shownTexts';
import type { TargetSelection } from './targetSelection';
import type { BuildTasks } from './tasks';
import { allTargets, runTask } from './tasks';

export interface CommandServices {
  readonly installation: () => Installation;
  readonly projects: Projects;
  readonly selection: TargetSelection;
  readonly buildTasks: BuildTasks;
  readonly builds: Builds;
  readonly guestView: GuestView;
  readonly guests: Guests;
  /** Outlives the window. */
  readonly memory: Memento;
}

/** Registers every command of package.json. */
export function registerCommands(services: CommandServices): { dispose(): unknown }[] {
  const { installation, projects, selection, buildTasks, builds, guests, guestView, memory } = services;
  const texts = new ShownTexts();
  const setupOutput = window.createOutputChannel('Unikernel Setup');

  const project = async (): Promise<string> => {
    const folder = await projects.choose();
    if (folder !== undefined) return folder;
    const { noProject } = await import('../core');
    throw noProject(workspace.workspaceFolders?.[0]?.uri.fsPath ?? 'This window');
  };
  const build = async (target: string): Promise<number | undefined> =>
    runTask(buildTasks.create({ type: typeName, task: 'build', project: await project(), target }));

  const start = async (name: string, fields: object, options: DebugSessionOptions): Promise<void> => {
    const folder = await project();
    const configuration = { type: typeName, request: 'launch', name, project: folder, ...fields };
    await debug.startDebugging(workspace.getWorkspaceFolder(Uri.file(folder)), configuration, options);
  };

  const handlers: Record<keyof typeof ids, (argument?: unknown) => Promise<unknown>> = {
    newProject: () => newProject(installation().templates, memory),
    build: () => build(selection.current.id),
    buildAll: () => build(allTargets),
    run: () => start('Run Unikernel', {}, { noDebug: true }),
    record: () => start('Record and Replay', { record: true }, {}),
    attach: () => guests.attach(),
    clean: async () => builds.clean(await project()),
    showReport: async () => {
      const folder = await project();
      const { formatReport, readArtifact, readReport } = await import('../core');
      const { name, architecture, report } = await readArtifact(folder, selection.current.architecture);
      await texts.show(`${name}-${architecture}.report`, folder, formatReport(await readReport(report)));
    },
    checkSetup: () => checkSetup(installation(), setupOutput),
    // A key binding may name the target.
    selectTarget: (id) => {
      const target = typeof id === 'string' ? findTarget(id) : undefined;
      return target === undefined ? selection.pick() : selection.select(target);
    },
    openGuestView: () => {
      guestView.open();
      return Promise.resolve();
    },
    saveSnapshot,
    restoreSnapshot,
    resetGuest: () => askMachine('unikernel.reset'),
    powerOffGuest: () => askMachine('unikernel.powerOff'),
    openMonitor: () => {
      openMonitor();
      return Promise.resolve();
    },
    showMemoryMap: async () => {
      const session = currentSession();
      const { content } = await askMachine('unikernel.memoryMap', {}, session);
      await texts.show(`${session.name}.memory`, session.id, content);
    },
  };
  const registered = Object.entries(handlers).map(([name, handler]) =>
    commands.registerCommand(ids[name as keyof typeof ids], shown(handler)),
  );
  return [setupOutput, texts, ...registered];
}
