import { StoppedEvent } from '@vscode/debugadapter';
import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Gdb } from '../gdb/gdb';
import { hexadecimal } from './addresses';
import { linesOf } from './breakpointLocations';
import type { Debuggee } from './debuggee';
import { notATarget } from './errors';
import { decodeWithGdb } from './instructions';
import type { Handlers } from './requests';

/** The requests to go on from another place. */
export const gotoHandlers = {
  gotoTargets: async ({ execution, gotoTargets }, { source, line }) => ({
    targets: await execution.whileStopped(() => gotoTargets.find(source.path ?? '', line)),
  }),
  goto: async (debuggee, { threadId, targetId }) => {
    const address = hexadecimal(debuggee.gotoTargets.addressOf(targetId));
    await debuggee.gdb.send('data-evaluate-expression', [
      '--thread',
      String(threadId),
      '--frame',
      '0',
      `$pc=${address}`,
    ]);
    debuggee.forget();
    // After the answer, as the protocol wants it.
    setImmediate(() => {
      reportStop(debuggee, threadId);
    });
    return undefined;
  },
} satisfies Handlers;

/** Places to go on from, by their numbers. */
export class GotoTargets {
  private readonly addresses: bigint[] = [];

  constructor(private readonly gdb: Gdb) {}

  /** Where the line begins, or the next that has code, in each function that has it. */
  async find(path: string, line: number): Promise<DebugProtocol.GotoTarget[]> {
    const lines = await linesOf(this.gdb, path);
    const nearest = Math.min(...lines.map((entry) => entry.line).filter((each) => each >= line));
    const targets = new Map<string, DebugProtocol.GotoTarget>();
    for (const { address } of lines.filter((entry) => entry.line === nearest)) {
      const [instruction] = await decodeWithGdb(this.gdb)(address, address + 1n);
      const name = instruction?.symbol?.name ?? hexadecimal(address);
      if (targets.has(name)) continue;
      const label = `line ${nearest} in ${name}`;
      const instructionPointerReference = hexadecimal(address);
      targets.set(name, { id: this.numberOf(address), label, line: nearest, instructionPointerReference });
    }
    return [...targets.values()];
  }

  /** The address of a target that was found; throws `debug.notATarget`. */
  addressOf(id: number): bigint {
    const address = this.addresses[id];
    if (address === undefined) throw notATarget();
    return address;
  }

  private numberOf(address: bigint): number {
    const known = this.addresses.indexOf(address);
    return known === -1 ? this.addresses.push(address) - 1 : known;
  }
}

function reportStop(debuggee: Debuggee, thread: number): void {
  const stopped: DebugProtocol.StoppedEvent = new StoppedEvent('goto', thread);
  stopped.body.allThreadsStopped = true;
  debuggee.emit('event', stopped);
  debuggee.askAhead(thread);
}
