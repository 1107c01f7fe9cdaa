import * as z from 'zod';
import { attachSchema, launchSchema } from '../debug/arguments';
import { targets } from '../targets';
import { configurationSnippets } from './configurationSnippets';
import { commands, hasProjectContext, typeName } from './identifiers';

const category = 'Unikernel';

interface CommandContribution {
  readonly command: string;
  readonly title: string;
  readonly icon?: string;
  readonly enablement?: string;
}

const needsProject = `${hasProjectContext} && isWorkspaceTrusted`;

const needsSession = `debugType == '${typeName}'`;

const commandContributions: readonly CommandContribution[] = [
  { command: commands.newProject, title: 'New Project…', icon: '$(add)' },
  { command: commands.build, title: 'Build', icon: '$(tools)', enablement: needsProject },
  { command: commands.buildAll, title: 'Build for All Targets', enablement: needsProject },
  { command: commands.run, title: 'Run', icon: '$(play)', enablement: needsProject },
  { command: commands.record, title: 'Record and Replay', enablement: needsProject },
  { command: commands.attach, title: 'Attach to Running Guest', enablement: 'isWorkspaceTrusted' },
  { command: commands.clean, title: 'Clean', enablement: needsProject },
  { command: commands.showReport, title: 'Show Report', enablement: needsProject },
  { command: commands.checkSetup, title: 'Check Setup', enablement: 'isWorkspaceTrusted' },
  { command: commands.selectTarget, title: 'Select Target', enablement: hasProjectContext },
  { command: commands.openGuestView, title: 'Open Guest View', icon: '$(vm)' },
  { command: commands.saveSnapshot, title: 'Save Snapshot', enablement: needsSession },
  { command: commands.restoreSnapshot, title: 'Restore Snapshot…', enablement: needsSession },
  { command: commands.resetGuest, title: 'Reset Guest', enablement: needsSession },
  { command: commands.powerOffGuest, title: 'Power Off Guest', enablement: needsSession },
  { command: commands.openMonitor, title: 'QEMU Monitor', icon: '$(terminal)', enablement: needsSession },
  { command: commands.showMemoryMap, title: 'Show Memory Map', enablement: needsSession },
];

const targetIds = targets.map(({ id }) => id);

/** A schema of launch.json's fields, for completion and checks there; what the adapter checks is the same. */
function attributes(schema: z.ZodType): object {
  const { properties, required = [] } = z.toJSONSchema(schema, { io: 'input', target: 'draft-7' });
  return { required, properties };
}

/** Settings, as package.json declares them. */
const settings = {
  'unikernel.engine': {
    type: 'string',
    enum: ['auto', 'docker', 'host'],
    enumDescriptions: [
      'A container engine, unless the environment variable UNIKERNEL_ENGINE says "host".',
      'A container engine (docker or podman), local or remote.',
      'The tools of this machine.',
    ],
    default: 'auto',
    description: 'Where builds run.',
    scope: 'machine-overridable',
  },
  'unikernel.toolchain.baseImage': {
    type: 'string',
    default: '',
    markdownDescription: 'Container image that toolchains start from; empty for the default of each `Dockerfile`.',
    scope: 'machine-overridable',
  },
  'unikernel.qemu.path': {
    type: 'string',
    default: '',
    description: 'Folder of the QEMU programs; empty to search the PATH and the usual places.',
    scope: 'machine-overridable',
  },
  'unikernel.gdb.path': {
    type: 'string',
    default: '',
    description: 'The gdb to debug with; empty to search the PATH for gdb-multiarch and gdb.',
    scope: 'machine-overridable',
  },
  'unikernel.debug.breakpoints': {
    type: 'string',
    enum: ['auto', 'hardware', 'software'],
    enumDescriptions: [
      'Changed code, or debug registers where changed code would be lost.',
      'The debug registers of the CPU, of which there are few.',
      'Changed code.',
    ],
    default: 'auto',
    description: 'How breakpoints are made.',
    scope: 'machine-overridable',
  },
};

/** package.json's `activationEvents`; commands, tasks and debug types activate by themselves. */
export const activationEvents = ['workspaceContains:**/unikernel.json', `onDebugResolve:${typeName}`];

/** package.json's `capabilities`. */
export const capabilities = {
  untrustedWorkspaces: {
    supported: 'limited',
    description: 'Projects are shown and checked; building and running them needs a trusted folder.',
    restrictedConfigurations: Object.keys(settings),
  },
  virtualWorkspaces: { supported: false, description: 'Builds and guests need files on a disk.' },
};

/** package.json's `contributes`. */
export const contributes = {
  commands: commandContributions.map((command) => ({ ...command, category })),
  menus: {
    'explorer/context': [
      { command: commands.build, when: 'resourceFilename == unikernel.json', group: '2_unikernel@1' },
      { command: commands.run, when: 'resourceFilename == unikernel.json', group: '2_unikernel@2' },
    ],
    'file/newFile': [{ command: commands.newProject, group: 'file@9' }],
  },
  viewsWelcome: [
    {
      view: 'workbench.explorer.emptyView',
      contents: `[New Unikernel Project](command:${commands.newProject})`,
    },
  ],
  configuration: { title: 'Unikernel Tools', properties: settings },
  taskDefinitions: [
    {
      type: typeName,
      required: ['task'],
      properties: {
        task: { type: 'string', enum: ['build'], description: 'What to do.' },
        target: { type: 'string', enum: targetIds, description: 'Without it, the target in the status bar.' },
        project: { type: 'string', description: 'Folder with the unikernel.json; without it, the task’s folder.' },
      },
    },
  ],
  breakpoints: ['c', 'cpp', 'rust', 'go', 'ocaml', 'asm'].map((language) => ({ language })),
  debuggers: [
    {
      type: typeName,
      label: 'Unikernel',
      languages: ['c'],
      configurationAttributes: { launch: attributes(launchSchema), attach: attributes(attachSchema) },
      initialConfigurations: [{ type: typeName, request: 'launch', name: 'Debug Unikernel' }],
      configurationSnippets,
    },
  ],
  languages: [
    { id: 'jsonc', filenames: ['unikernel.json'] },
    { id: 'unikernel-log', aliases: ['Unikernel Console Log'], extensions: ['.console', '.unikernel-log'] },
  ],
  grammars: [
    {
      language: 'unikernel-log',
      scopeName: 'text.log.unikernel',
      path: './syntaxes/unikernel-log.tmLanguage.json',
    },
  ],
  jsonValidation: [{ fileMatch: 'unikernel.json', url: './media/unikernel.schema.json' }],
};
