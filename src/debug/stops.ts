import { OutputEvent, StoppedEvent } from '@vscode/debugadapter';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { text, type MiTuple } from '../gdb/mi/record';
import { isShutdown, type Debuggee } from './debuggee';

/** Reports the guest's stops to the editor. A breakpoint that only logs prints its message, and the guest goes on. */
export function reportStops(
  debuggee: Debuggee,
  send: (event: DebugProtocol.Event) => void,
  stopsOnEntry: () => boolean,
): void {
  debuggee.execution.on('stopped', (stop) => {
    if (isShutdown(stop)) return;
    if (debuggee.crashes.isCrash(stop)) {
      void debuggee.crashes.read(stop).then(
        ({ cause }) => {
          send(crashedEvent(stop, cause));
        },
        () => {
          send(crashedEvent(stop, 'crashed'));
        },
      );
      debuggee.askAhead(threadOf(stop));
      return;
    }
    const message = debuggee.breakpoints.logMessageOf(text(stop['bkptno']));
    if (message === undefined) {
      send(stoppedEvent(debuggee, stop, stopsOnEntry()));
      debuggee.askAhead(threadOf(stop));
      return;
    }
    void interpolate(debuggee, message).then(async (output) => {
      send(new OutputEvent(`${output}\n`, 'console'));
      await debuggee.execution.go('continue').catch(() => undefined);
    });
  });
}

function stoppedEvent(debuggee: Debuggee, stop: MiTuple, stopsOnEntry: boolean): DebugProtocol.Event {
  const event: DebugProtocol.StoppedEvent = new StoppedEvent('pause', threadOf(stop));
  event.body.allThreadsStopped = true;
  const id = debuggee.breakpoints.idOf(text(stop['bkptno']));
  if (id !== undefined) {
    event.body.reason = 'breakpoint';
    event.body.hitBreakpointIds = [id];
  } else if (text(stop['reason']) === 'breakpoint-hit') {
    event.body.reason = stopsOnEntry ? 'entry' : 'breakpoint';
  } else if (/end-stepping-range|function-finished|location-reached/.test(text(stop['reason']))) {
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

function crashedEvent(stop: MiTuple, cause: string): DebugProtocol.Event {
  const event: DebugProtocol.StoppedEvent = new StoppedEvent('exception', threadOf(stop), cause);
  event.body.allThreadsStopped = true;
  event.body.description = `Crashed: ${cause}`;
  return event;
}

function threadOf(stop: MiTuple): number {
  return Number(text(stop['thread-id']) || '1');
}

/** Replaces each `{expression}` by its value. */
async function interpolate(debuggee: Debuggee, message: string): Promise<string> {
  const parts = message.split(/\{([^}]*)\}/);
  const values = await Promise.all(
    parts.map((part, index) =>
      index % 2 === 0
        ? Promise.resolve(part)
        : debuggee.gdb.send('data-evaluate-expression', [part]).then(
            (results) => text(results['value']),
            () => `{${part}}`,
          ),
    ),
  );
  return values.join('');
}
