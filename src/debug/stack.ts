import type { DebugProtocol } from '@vscode/debugprotocol';
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { UnikernelError } from '../errors';
import type { Gdb } from '../gdb/gdb';
import { list, text, tuple, type MiTuple } from '../gdb/mi/record';
import { deemphasiseReport } from './crash';
import type { Handlers } from './requests';

/** Frames further out are not asked for: a stack that gdb cannot unwind may have no end. */
const depthLimit = 64;

/** As many as an editor asks for at first. */
const framesAhead = 20;

/** The requests about CPUs and their stacks. */
export const stackHandlers = {
  threads: async ({ execution, stack }) => {
    // A running guest cannot be asked, and need not be: its first CPU is always there.
    if (execution.running) return { threads: [{ id: 1, name: 'CPU 0' }] };
    return { threads: await stack.threads() };
  },
  stackTrace: ({ stack }, { threadId, startFrame = 0, levels = 0 }) => stack.frames(threadId, startFrame, levels),
} satisfies Handlers;

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
  private ahead: { readonly thread: number; readonly frames: Promise<DebugProtocol.StackFrame[]> } | undefined;

  constructor(private readonly gdb: Gdb) {}

  /** Asks gdb already now for the frames that an editor wants to see at a stop. */
  askAhead(thread: number): void {
    this.ahead = { thread, frames: this.list(thread, 0, framesAhead) };
    this.ahead.frames.catch(() => undefined);
  }

  /** The guest goes on, or the person changed it. */
  forget(): void {
    this.ahead = undefined;
  }

  /** The guest's CPUs; gdb calls them threads. */
  async threads(): Promise<DebugProtocol.Thread[]> {
    const { threads } = await this.gdb.send('thread-info');
    return list(threads).map((thread) => {
      const { id, details } = tuple(thread);
      return { id: Number(text(id)), name: `CPU ${Number(text(id)) - 1}${details ? ` ${text(details)}` : ''}` };
    });
  }

  /** Some frames of a CPU (0: all); fewer than asked for, or none, where the stack ends before. */
  async frames(
    thread: number,
    start: number,
    count: number,
  ): Promise<{ stackFrames: DebugProtocol.StackFrame[]; totalFrames?: number }> {
    const end = Math.min(depthLimit, count === 0 ? depthLimit : start + count);
    const known = this.ahead?.thread === thread ? await this.ahead.frames : [];
    const isWhole = known.length > 0 && known.length < framesAhead;
    if (isWhole || end <= known.length) {
      return { stackFrames: known.slice(start, end), ...(isWhole ? { totalFrames: known.length } : {}) };
    }
    return { stackFrames: end <= start ? [] : await this.list(thread, start, end) };
  }

  private async list(thread: number, start: number, end: number): Promise<DebugProtocol.StackFrame[]> {
    const words = ['--thread', String(thread), String(start), String(end - 1)];
    const { stack } = await this.gdb.send('stack-list-frames', words).catch((error: unknown) => {
      if (start > 0 && error instanceof UnikernelError && error.what.includes('Not enough frames'))
        return { stack: [] };
      throw error;
    });
    const frames = list(stack).map((frame) => showFrame(thread, tuple(frame)));
    return start === 0 ? deemphasiseReport(frames) : frames;
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
