import type { DebugProtocol } from '@vscode/debugprotocol';
import { UnikernelError } from '../errors';
import type { Gdb } from '../gdb/gdb';
import { list, text, tuple, type MiTuple } from '../gdb/mi/record';
import type { Modules } from './modules';
import type { Handlers } from './requests';
import type { Sources } from './sources';
import { innermostSaved } from './savedContexts';
import { isGuestThread } from './threads';

/** Frames further out are not asked for: a stack that gdb cannot unwind may have no end. */
const depthLimit = 64;

/** As many as editors ask for at first; since they are there by then, the innermost one need not be asked for alone. */
const framesAhead = 20;

/** The request for the stack of a CPU or a thread. */
export const stackHandlers = {
  stackTrace: ({ stack }, { threadId, startFrame = 0, levels = 0 }) => stack.frames(threadId, startFrame, levels),
} satisfies Handlers;

/** Where a frame is for gdb. */
export interface FrameReference {
  readonly thread: number;
  /** 0 is the innermost of a CPU, 1 that of a thread that none runs. */
  readonly level: number;
}

/** The words that make a gdb command mean this frame. */
export function frameWords(frame: FrameReference): string[] {
  return ['--thread', String(frame.thread), '--frame', String(frame.level)];
}

/** The stacks of the guest's CPUs, as of the last stop. */
export class Stack {
  private ahead: { readonly thread: number; readonly frames: Promise<DebugProtocol.StackFrame[]> } | undefined;

  /** False when the guest was interrupted, or stopped by itself: the person may not care for this very function. */
  private isMeant = false;

  constructor(
    private readonly gdb: Gdb,
    private readonly modules: Modules,
    private readonly sources: Sources,
    /** True for the number of a breakpoint that the person set. */
    isPersons: (breakpoint: string) => boolean,
  ) {
    gdb.on('stopped', (stop) => {
      const reason = text(stop['reason']);
      this.isMeant =
        reason === 'breakpoint-hit'
          ? isPersons(text(stop['bkptno']))
          : /watchpoint|stepping|finished|location/.test(reason);
    });
  }

  /** Asks gdb already now for the frames that an editor wants to see at a stop. */
  askAhead(thread: number): void {
    this.ahead = { thread, frames: this.list(thread, 0, framesAhead) };
    this.ahead.frames.catch(() => undefined);
  }

  /** The guest goes on, or the person changed it. */
  forget(): void {
    this.ahead = undefined;
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
    const first = isGuestThread(thread) ? innermostSaved : 0;
    const words = ['--thread', String(thread), String(first + start), String(first + end - 1)];
    const { stack } = await this.gdb.send('stack-list-frames', words).catch((error: unknown) => {
      if (start > 0 && error instanceof UnikernelError && error.what.includes('Not enough frames'))
        return { stack: [] };
      throw error;
    });
    // A caller at address 0 is none: gdb could not tell where the stack ends.
    const frames = list(stack)
      .map(tuple)
      .filter(({ addr, level }) => level === '0' || BigInt(text(addr)) !== 0n);
    const modules = await this.modules.idAt(frames.map((frame) => BigInt(text(frame['addr']))));
    return frames.map((frame, index) => this.show(thread, frame, modules[index]));
  }

  /** Frames without source, and those of libraries, stand back; an editor shows the disassembly of the first kind. */
  private show(thread: number, frame: MiTuple, moduleId: number | undefined): DebugProtocol.StackFrame {
    const level = Number(text(frame['level']));
    const [name, address] = [text(frame['func']), text(frame['addr'])];
    const source = this.sources.find(text(frame['fullname']));
    const isHere = level === 0 && this.isMeant && source !== undefined;
    const isSubtle = source === undefined || (source.presentationHint !== undefined && !isHere);
    return {
      id: thread * 1000 + level,
      name: name === '' || name === '??' ? address : name,
      line: source === undefined ? 0 : Number(text(frame['line'])),
      column: source === undefined ? 0 : 1,
      instructionPointerReference: address,
      ...(source === undefined ? {} : { source: isSubtle ? source : { name: source.name, path: source.path } }),
      ...(isSubtle ? { presentationHint: 'subtle' as const } : {}),
      ...(moduleId === undefined ? {} : { moduleId }),
    };
  }
}

/** Frames are numbered so that the number says which frame it is. */
export function frameOf(id: number): FrameReference {
  return { thread: Math.floor(id / 1000), level: id % 1000 };
}
