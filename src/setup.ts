import { isCancelled, messageOf, UnikernelError } from './errors';
import { findGdb } from './gdb/find';
import { findQemu } from './qemu/find';
import { architectures, targets } from './targets';
import type { Engine } from './toolchain';

/** One thing that the product needs of this machine. */
export interface SetupCheck {
  readonly name: string;
  readonly ok: boolean;
  /** What was found and where, or what is missing. */
  readonly detail: string;
  /** How to get what is missing. */
  readonly remedy?: string;
}

/** Where a person says that the tools are; undefined is looked for. */
export interface SetupPaths {
  readonly qemu?: string | undefined;
  readonly gdb?: string | undefined;
}

/** Looks for everything that building, running and debugging need; nothing is changed. */
export function checkSetup(
  openEngine: () => Promise<Engine>,
  paths: SetupPaths,
  signal: AbortSignal,
): Promise<SetupCheck[]> {
  const programs = [...new Set(targets.map(({ machine }) => machine.program))];
  return Promise.all([
    check('engine', async () => (await openEngine()).description),
    ...programs.map((program) =>
      check(program, async () => {
        const { path, version } = await findQemu(program, paths.qemu, signal);
        return `${path} (${version})`;
      }),
    ),
    ...architectures.map((architecture) =>
      check(`gdb for ${architecture}`, async () => {
        const { path, version } = await findGdb(architecture, paths.gdb, signal);
        return `${path} (${version})`;
      }),
    ),
  ]);
}

async function check(name: string, look: () => Promise<string>): Promise<SetupCheck> {
  try {
    return { name, ok: true, detail: await look() };
  } catch (error) {
    if (isCancelled(error)) throw error;
    if (!(error instanceof UnikernelError)) return { name, ok: false, detail: messageOf(error) };
    return { name, ok: false, detail: `${error.what} ${error.why}`.trim(), remedy: error.remedy.text };
  }
}
