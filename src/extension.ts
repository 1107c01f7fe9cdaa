import { debug, tasks, window } from 'vscode';
import type { ExtensionContext } from 'vscode';
import { join } from 'node:path';
import { findInstallation } from './installation';
import { Builds } from './vscode/builds';
import { registerCommands } from './vscode/commands';
import { AdapterFactory } from './vscode/debugAdapter';
import { ConfigurationProvider } from './vscode/debugConfiguration';
import { Guests } from './vscode/guests';
import { GuestView } from './vscode/guestView';
import { typeName } from './vscode/identifiers';
import { openMainFile } from './vscode/newProject';
import { BuildProblems } from './vscode/problems';
import { ProjectChecker } from './vscode/projectChecker';
import { Projects } from './vscode/projects';
import { SourceLinks } from './vscode/sourceLinks';
import { StatusBar } from './vscode/statusBar';
import { TargetSelection } from './vscode/targetSelection';
import { BuildTasks } from './vscode/tasks';

/** Constructs the parts and registers them; what is heavy is loaded when first used. */
export function activate(context: ExtensionContext): void {
  const installation = (): ReturnType<typeof findInstallation> => findInstallation(context.extensionPath);
  const selection = new TargetSelection(context.workspaceState);
  const statusBar = new StatusBar(selection);
  const projects = new Projects((present) => {
    statusBar.setVisible(present);
  });
  const problems = new BuildProblems();
  const checker = new ProjectChecker();
  const builds = new Builds(installation, problems, checker);
  const buildTasks = new BuildTasks(projects, selection, (...build) => builds.build(...build));
  const guests = new Guests();
  const guestView = new GuestView(context.extensionUri, guests);

  context.subscriptions.push(
    selection,
    statusBar,
    projects,
    problems,
    guests,
    guestView,
    checker,
    tasks.registerTaskProvider(typeName, buildTasks),
    debug.registerDebugConfigurationProvider(typeName, new ConfigurationProvider(projects, selection, buildTasks)),
    debug.registerDebugAdapterDescriptorFactory(
      typeName,
      new AdapterFactory(join(context.extensionPath, 'dist', 'debugAdapter.js')),
    ),
    window.registerTerminalLinkProvider(
      new SourceLinks((terminal) => guests.projectOf(terminal) ?? buildTasks.projectOf(terminal)),
    ),
    ...registerCommands({
      installation,
      projects,
      selection,
      buildTasks,
      builds,
      guests,
      guestView,
      memory: context.globalState,
    }),
  );
  void openMainFile(context.globalState);
}
