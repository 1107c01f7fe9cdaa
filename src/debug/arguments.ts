import type { DebugProtocol } from '@vscode/debugprotocol';
import * as z from 'zod';
import { memorySchema } from '../project/schema';
import { targets } from '../targets';
import { wrongConfiguration } from './errors';

const targetIds = targets.map(({ id }) => id);

const target = z
  .enum(targetIds, { error: `must be one of ${targetIds.join(', ')}` })
  .optional()
  .meta({ enumDescriptions: targets.map(({ description }) => description) });

const symbols = z
  .string()
  .optional()
  .describe('The ELF with debug information; it may be another file than the one that boots.');

const sourceMap = z
  .record(z.string(), z.string())
  .optional()
  .describe('Folders as the debug information names them, and where they are on this machine.');

const gdbPath = z.string().optional().describe('The gdb to use instead of the one of the settings.');

const trace = z
  .boolean()
  .optional()
  .describe('Write what is said to and by gdb to a file, which the debug console names.');

/** launch.json's fields of a launch: build nothing, boot an artifact (or any kernel) and debug it. */
export const launchSchema = z.object({
  project: z
    .string()
    .optional()
    .describe('Folder with the unikernel.json, which F5 builds first; sources inside it are shown relative to it.')
    .meta({ default: '${workspaceFolder}' }),
  target: target.describe('Where to run; without it, the target in the status bar.'),
  artifact: z
    .string()
    .optional()
    .describe('An artifact.json that was built before; F5 builds nothing then. The next two fields override it.'),
  kernel: z
    .string()
    .optional()
    .describe('The ELF (or other file that QEMU takes as -kernel) to boot; nothing is built then.'),
  symbols,
  args: z.array(z.string()).optional().describe("The program's arguments, on the kernel's command line."),
  memory: memorySchema.optional(),
  qemuArgs: z.array(z.string()).optional().describe('More arguments for QEMU; of two that disagree, these win.'),
  stopOnEntry: z.boolean().optional().describe("Stop at main's first line."),
  sourceMap,
  qemuPath: z.string().optional().describe('The QEMU to use instead of the one of the settings.'),
  gdbPath,
  console: z
    .enum(['internal', 'terminal'])
    .optional()
    .describe('Where the guest prints: the debug console, or a terminal that takes input too.'),
  trace,
});

/** launch.json's fields of an attach: a guest that runs already and offers a gdb stub. */
export const attachSchema = z.object({
  connect: z
    .string({ error: 'must be host:port or the path of a socket' })
    .min(1)
    .describe("Where the guest's gdb stub listens: host:port, or the path of a socket."),
  target: target.describe('What the guest runs on, where no symbols say which architecture it is.'),
  symbols,
  sourceMap,
  gdbPath,
  trace,
});

export type LaunchArguments = z.output<typeof launchSchema> & DebugProtocol.LaunchRequestArguments;
export type AttachArguments = z.output<typeof attachSchema> & DebugProtocol.AttachRequestArguments;

/** Checks what an editor sent; throws `debug.configuration`, which names each wrong field. */
export function checkArguments<Schema extends z.ZodType>(schema: Schema, given: unknown): z.output<Schema> {
  const { data, error } = schema.safeParse(given ?? {});
  if (error !== undefined) {
    throw wrongConfiguration(error.issues.map(({ path, message }) => `"${path.join('.')}": ${message}`));
  }
  return data;
}
