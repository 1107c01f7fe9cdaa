import type { DebugProtocol } from '@vscode/debugprotocol';
import * as z from 'zod';
import { memorySchema } from '../project/memory';
import { targets } from '../targets';
import { wrongConfiguration } from './errors';

const targetIds = targets.map(({ id }) => id);

const target = z
  .enum(targetIds, { error: `must be one of ${targetIds.join(', ')}` })
  .optional()
  .meta({ enumDescriptions: targets.map(({ description }) => description) });

const symbols = z
  .union([z.string(), z.array(z.string())], { error: 'must be the path of an ELF, or several' })
  .optional()
  .describe(
    'The 64-bit ELF with debug information, or several; the first is the kernel’s, which may be another file than the one that boots.',
  );

const loadOffset = z
  .string()
  .regex(/^-?(0x[0-9a-fA-F]+|\d+)$/, { error: 'must be a number of bytes such as "0x40200000"' })
  .optional()
  .describe('How far from where it was linked a position-independent kernel runs, in bytes, such as "0x40200000".');

const gdbCommands = z
  .array(z.string())
  .optional()
  .describe('Commands of gdb, run each time that it has connected, before the guest runs.');

const machine = z
  .union(
    [
      z.string(),
      z.object({
        type: z.string().optional().describe('What QEMU takes as -machine, such as "pc".'),
        cpu: z.string().optional().describe('What QEMU takes as -cpu, such as "qemu64,+smep".'),
        smp: z.int().min(1).optional().describe('How many CPUs there are.'),
      }),
    ],
    { error: 'must be a machine of QEMU such as "pc", or an object with type, cpu and smp' },
  )
  .optional()
  .describe("The machine, as QEMU's -machine names it, or its type, cpu and smp; what is left out is the target's.");

const sourceMap = z
  .record(z.string(), z.string())
  .optional()
  .describe('Folders as the debug information names them, and where they are on this machine.');

const gdbPath = z.string().optional().describe('The gdb to use instead of the one of the settings.');

const breakpoints = z
  .enum(['auto', 'hardware', 'software'])
  .optional()
  .describe(
    'How breakpoints are made: by changing the code, or by the few debug registers of the CPU, as for code in read-only memory.',
  );

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
  target: target.describe(
    'Where to run; without it, the target in the status bar, or the one that the kernel is made for.',
  ),
  artifact: z
    .string()
    .optional()
    .describe('An artifact.json that was built before; F5 builds nothing then. The next two fields override it.'),
  kernel: z
    .string()
    .optional()
    .describe('The ELF (or other file that QEMU takes as -kernel) to boot; nothing is built then.'),
  symbols,
  loadOffset,
  machine,
  args: z.array(z.string()).optional().describe("The program's arguments, on the kernel's command line."),
  memory: memorySchema.optional(),
  qemuArgs: z
    .array(z.string())
    .optional()
    .describe('More arguments for QEMU; of two that disagree, these win. Without a kernel, they say what boots.'),
  gdbCommands,
  stopOnEntry: z.boolean().optional().describe("Stop at main's first line."),
  record: z
    .boolean()
    .optional()
    .describe('Record the run, so that it can be stepped and continued backwards. The guest runs slower then.'),
  dump: z
    .string()
    .optional()
    .describe(
      'A guest that crashed, as "unikernel run --dump FILE" kept it: shown as it was; nothing is built or run.',
    ),
  sourceMap,
  qemuPath: z.string().optional().describe('The QEMU to use instead of the one of the settings.'),
  gdbPath,
  console: z
    .enum(['internal', 'terminal'])
    .optional()
    .describe('Where the guest prints: the debug console, or a terminal that takes input too.'),
  breakpoints,
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
  loadOffset,
  gdbCommands,
  sourceMap,
  gdbPath,
  breakpoints,
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
