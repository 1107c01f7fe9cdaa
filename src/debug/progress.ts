import { ProgressEndEvent, ProgressStartEvent } from '@vscode/debugadapter';
import type { DebugProtocol } from '@vscode/debugprotocol';

/** What takes longer, in milliseconds, is shown to the person. */
const showAfter = 1000;

/** Tells the editor of what takes long, if it wants to hear of that. */
export class Progress {
  /** True once the editor has said so. */
  supported = false;
  private readonly shown = new Map<string, (() => void) | undefined>();
  private readonly timers = new Set<NodeJS.Timeout>();
  private last = 0;

  constructor(private readonly send: (event: DebugProtocol.Event) => void) {}

  /** Something begins, which can be cancelled or not; returns how to say that it is over. It is shown only when it takes long. */
  begin(title: string, cancel?: () => void, requestId?: number): () => void {
    if (!this.supported) return () => undefined;
    const id = String(++this.last);
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      this.shown.set(id, cancel);
      const event: DebugProtocol.ProgressStartEvent = new ProgressStartEvent(id, title);
      event.body.cancellable = cancel !== undefined;
      if (requestId !== undefined) event.body.requestId = requestId;
      this.send(event);
    }, showAfter);
    this.timers.add(timer);
    return () => {
      clearTimeout(timer);
      this.timers.delete(timer);
      if (this.shown.delete(id)) this.send(new ProgressEndEvent(id));
    };
  }

  /** The person pressed cancel. */
  cancel(id: string): void {
    this.shown.get(id)?.();
  }

  /** The session ends, and with it all that goes on. */
  endAll(): void {
    this.supported = false;
    for (const timer of this.timers) clearTimeout(timer);
    for (const id of this.shown.keys()) this.send(new ProgressEndEvent(id));
    this.shown.clear();
  }
}

/** What the person sees while the answer to such a request takes long; the others are answered fast, or with an error. */
export const progressTitles: Readonly<Record<string, string | undefined>> = {
  launch: 'Starting QEMU and loading the symbols',
  attach: 'Loading the symbols and connecting to the guest',
  restart: 'Starting the guest again',
  pause: 'Waiting for the guest to stop',
  stepBack: 'Going back in the recorded run',
  reverseContinue: 'Going back in the recorded run',
  'unikernel.saveSnapshot': 'Saving the snapshot',
  'unikernel.restoreSnapshot': 'Restoring the snapshot',
};

/** What cannot be left in the middle: half a restart would be no session any more, and QEMU does not let go of a snapshot. */
export const indivisible: ReadonlySet<string> = new Set([
  'restart',
  'stepBack',
  'reverseContinue',
  'unikernel.saveSnapshot',
  'unikernel.restoreSnapshot',
]);
