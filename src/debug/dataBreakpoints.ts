import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Gdb } from '../gdb/gdb';
import { text } from '../gdb/mi/record';
import { messageOf } from '../errors';
import { conditionsOf } from './breakpoints';
import { notInMemory } from './errors';
import type { Handlers } from './requests';
import { frameOf, frameWords } from './stack';

/** gdb's options by how memory is accessed (gdb manual, "GDB/MI Breakpoint Commands": -break-watch). */
const accessOption = { write: [], read: ['-r'], readWrite: ['-a'] } as const;

/** The requests about breakpoints on data. */
export const dataBreakpointHandlers = {
  dataBreakpointInfo: async (
    { execution, gdb, variables },
    { variablesReference, name, frameId, asAddress, bytes },
  ) => {
    const find = async (): Promise<string> => {
      if (asAddress) return watched(`0x${BigInt(name).toString(16)}`, bytes ?? 1);
      const frame = frameId === undefined ? [] : frameWords(frameOf(frameId));
      if (variablesReference === undefined) return place(gdb, name, frame);
      const { expression, words } = variables.expressionOf(variablesReference, name);
      return place(gdb, expression, words);
    };
    const description = asAddress ? `${bytes ?? 1} bytes at ${name}` : name;
    return execution.whileStopped(find).then(
      (dataId) => ({ dataId, description, accessTypes: ['write', 'read', 'readWrite'] }),
      (error: unknown) => ({ dataId: null, description: messageOf(error) }),
    );
  },
  setDataBreakpoints: async ({ execution, breakpoints }, { breakpoints: wanted }) => {
    const set = (): Promise<DebugProtocol.Breakpoint[]> =>
      breakpoints.set(
        'data',
        wanted.map(({ dataId, accessType = 'write', ...conditions }) => ({
          ...conditionsOf(conditions),
          operation: 'break-watch',
          where: [...accessOption[accessType], dataId],
        })),
      );
    return { breakpoints: await execution.whileStopped(set) };
  },
} satisfies Handlers;

/** The place in memory that an expression names: of a local variable gdb would forget it when its function returns. */
async function place(gdb: Gdb, expression: string, frame: readonly string[]): Promise<string> {
  const valueOf = async (of: string): Promise<string> =>
    text((await gdb.send('data-evaluate-expression', [...frame, of]))['value']);
  const address = /0x[0-9a-f]+/.exec(await valueOf(`(void *) &(${expression})`))?.[0];
  if (address === undefined) throw notInMemory(expression);
  const size = Number(await valueOf(`sizeof(${expression})`));
  const object = await gdb.send('var-create', [...frame, '-', '*', expression]);
  gdb.send('var-delete', [text(object['name'])]).catch(() => undefined);
  const typed = `*(${text(object['type'])} *) ${address}`;
  // A type without a name, or of another language, cannot be written so.
  const known = await gdb.send('data-evaluate-expression', [`sizeof(${typed})`]).catch(() => undefined);
  return known && Number(text(known['value'])) === size ? typed : watched(address, size);
}

/** Bytes at an address, as gdb's C expression. */
function watched(address: string, size: number): string {
  const type = { 1: 'unsigned char', 2: 'unsigned short', 4: 'unsigned int', 8: 'unsigned long long' }[size];
  return type === undefined ? `*(unsigned char (*)[${size}]) ${address}` : `*(${type} *) ${address}`;
}
