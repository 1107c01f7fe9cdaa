import type { DebugProtocol } from '@vscode/debugprotocol';
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { UnikernelError } from '../errors';
import type { Gdb } from '../gdb/gdb';
import { list, text, tuple, type MiTuple } from '../gdb/mi/record';

/** Frames further out are not asked for: a stack that gdb cannot unwind may have no end. */
const depthLimit = 64;

/** Where a frame is for gdb. */
export interface FrameReference {
  readonly thread: number;
  /** 0 is the innermost. */
  readonly level: number;
}

/** The words that make a gdb command mean this frame. */
export function frameWords(frame: FrameReference): string[] {
  return ['--thread', String(frame.thread), '--frame', String(frame.level)];
}

/** The stacks of the guest's CPUs, as of the last stop. */
export class Stack {
  constructor(private readonly gdb: Gdb) {}

  /** The guest's CPUs; gdb calls them threads. */
  async threads(): Promise<DebugProtocol.Thread[]> {
    const { threads } = await this.gdb.send('thread-info');
    return list(threads).map((thread) => {
      const { id, details } = tuple(thread);
      return { id: Number(text(id)), name: `CPU ${Number(text(id)) - 1}${details ? ` ${text(details)}` : ''}` };
    });
  }

  /** Some frames of a CPU (0: all); fewer than asked for, or none, where the stack ends before. */
  async frames(thread: number, start: number, count: number): Promise<DebugProtocol.StackFrame[]> {
    const end = Math.min(depthLimit, count === 0 ? depthLimit : start + count) - 1;
    if (end < start) return [];
    const words = ['--thread', String(thread), String(start), String(end)];
    const { stack } = await this.gdb.send('stack-list-frames', words).catch((error: unknown) => {
      if (start > 0 && error instanceof UnikernelError && error.what.includes('Not enough frames'))
        return { stack: [] };
      throw error;
    });
    return list(stack).map((frame) => showFrame(thread, tuple(frame)));
  }
}

/** Frames are numbered so that the number says which frame it is. */
export function frameOf(id: number): FrameReference {
  return { thread: Math.floor(id / 1000), level: id % 1000 };
}

function showFrame(thread: number, frame: MiTuple): DebugProtocol.StackFrame {
  const path = text(frame['fullname']);
  const hasSource = path !== '' && existsSync(path);
  return {
    id: thread * 1000 + Number(text(frame['level'])),
    name: text(frame['func']) || text(frame['addr']),
    line: hasSource ? Number(text(frame['line'])) : 0,
    column: 0,
    instructionPointerReference: text(frame['addr']),
    ...(hasSource ? { source: { name: basename(path), path } } : { presentationHint: 'subtle' as const }),
  };
}
