import { BreakpointEvent, OutputEvent, StoppedEvent } from '@vscode/debugadapter';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { text, tuple, type MiTuple } from '../gdb/mi/record';
import type { Inserted } from './breakpoints';
import { isShutdown, type Debuggee } from './debuggee';
import { readException } from './exceptions';

/** Reports the guest's stops to the editor. A breakpoint that only logs prints its message, and the guest goes on. */
export function reportStops(debuggee: Debuggee, send: (event: DebugProtocol.Event) => void): void {
  const { breakpoints, execution } = debuggee;
  const log = (message: string): void => {
    send(new OutputEvent(`${message}\n`, 'console'));
  };
  breakpoints.on('logged', log);
  breakpoints.on('changed', (breakpoint) => {
    send(new BreakpointEvent('changed', breakpoint));
  });
  execution.on('stopped', (stop) => {
    if (!isShutdown(stop)) void report(stop);
  });

  const report = async (stop: MiTuple): Promise<void> => {
    if (breakpoints.wasRemoved(numberOf(stop))) {
      await execution.passOver(stop).catch(() => undefined);
      return;
    }
    const breakpoint = breakpoints.find(numberOf(stop));
    if (breakpoint !== undefined) breakpoints.count(breakpoint);
    const message = breakpoint && breakpoints.messageAt(breakpoint);
    if (message !== undefined) {
      log(await message);
      await execution.passOver(stop).catch(() => undefined);
      return;
    }
    const kind = breakpoint?.wanted.exception;
    if (kind !== undefined) {
      const unknown = { kind, cause: 'for a reason that gdb cannot read' };
      debuggee.exception = await readException(debuggee.gdb, kind, stop).catch(() => unknown);
    }
    send(stoppedEvent(stop, breakpoint, debuggee));
    debuggee.askAhead(threadOf(stop));
  };
}

/** What gdb calls a watchpoint in a stop, by what it watches for: writing, reading, both. */
const watchpoints = ['wpt', 'hw-rwpt', 'hw-awpt'];

/** The number of the breakpoint or watchpoint that a stop is at; empty when at none. */
function numberOf(stop: MiTuple): string {
  const watchpoint = watchpoints.find((key) => key in stop);
  return text(watchpoint === undefined ? stop['bkptno'] : tuple(stop[watchpoint])['number']);
}

function stoppedEvent(
  stop: MiTuple,
  breakpoint: Inserted | undefined,
  { exception, entryBreakpoint }: Debuggee,
): DebugProtocol.Event {
  const event: DebugProtocol.StoppedEvent = new StoppedEvent('pause', threadOf(stop));
  event.body.allThreadsStopped = true;
  if (breakpoint?.shown.id !== undefined && exception === undefined)
    event.body.hitBreakpointIds = [breakpoint.shown.id];
  const reason = text(stop['reason']);
  if (exception !== undefined) {
    event.body.reason = 'exception';
    event.body.text = exception.cause;
  } else if (reason.endsWith('watchpoint-trigger')) {
    event.body.reason = 'data breakpoint';
    event.body.text = describeAccess(stop);
  } else if (breakpoint !== undefined) {
    event.body.reason = 'breakpoint';
  } else if (text(stop['bkptno']) === entryBreakpoint) {
    event.body.reason = 'entry';
  } else if (/^breakpoint-hit|end-stepping-range|function-finished|location-reached/.test(reason)) {
    // A breakpoint that is not the person's was for one step.
    event.body.reason = 'step';
  } else if (stop['description'] !== undefined) {
    event.body.description = text(stop['description']);
  } else if (stop['signal-name'] !== undefined && stop['signal-name'] !== 'SIGINT') {
    event.body.reason = 'exception';
    event.body.text = text(stop['signal-meaning']);
  } else {
    // Otherwise the editor says "Paused on pause".
    event.body.description = 'Paused';
  }
  return event;
}

/** What happened to the data: `5 was read`, `3 became 5`. */
function describeAccess(stop: MiTuple): string {
  const { old, new: now, value } = tuple(stop['value']);
  if (old !== undefined && now !== undefined && text(old) !== text(now)) return `${text(old)} became ${text(now)}`;
  return `${text(value ?? now)} was ${'hw-awpt' in stop ? 'accessed' : 'read'}`;
}

function threadOf(stop: MiTuple): number {
  return Number(text(stop['thread-id']) || '1');
}
