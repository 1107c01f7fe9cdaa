import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import * as z from 'zod';
import { qmpFailed } from './errors';
import { connectWhenListening } from './socket';

const messageSchema = z.object({
  id: z.number().optional(),
  return: z.unknown().optional(),
  error: z.object({ class: z.string(), desc: z.string() }).optional(),
  event: z.string().optional(),
  data: z.record(z.string(), z.unknown()).optional(),
  QMP: z.object({ version: z.object({ qemu: z.object({ major: z.number(), minor: z.number() }) }) }).optional(),
});

/** Something that QEMU reports by itself (QEMU QMP reference, "events"). */
export interface QmpEvent {
  readonly name: string;
  readonly data: Readonly<Record<string, unknown>>;
}

interface Pending {
  readonly command: string;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/**
 * After events have come, so many milliseconds pass before the next are read: QEMU reports some sixteen of them when a
 * debugger steps over a line, and to be woken for each would slow down the step.
 */
const restAfterEvents = 20;

/** A connection to QEMU's machine protocol: one JSON object a line. */
export class QmpClient {
  private readonly pending = new Map<number, Pending>();
  private nextId = 1;
  /** QEMU's version, such as `7.2`, as its greeting has it. */
  version = '';

  private constructor(
    private readonly socket: Socket,
    private readonly onEvent: (event: QmpEvent) => void,
  ) {
    const lines = createInterface({ input: socket });
    lines.on('line', (line) => {
      this.receive(line);
    });
    lines.on('error', () => undefined);
    socket.on('data', () => {
      if (this.pending.size === 0) this.rest();
    });
    socket.on('close', () => {
      for (const id of [...this.pending.keys()]) this.settle(id)?.fail('QEMU ended.');
    });
  }

  /** Connects and leaves the protocol's negotiation mode. */
  static async connect(path: string, onEvent: (event: QmpEvent) => void, signal: AbortSignal): Promise<QmpClient> {
    const client = new QmpClient(await connectWhenListening(path, signal), onEvent);
    await client.execute('qmp_capabilities');
    return client;
  }

  /** Runs one command; rejects with `qemu.qmp` when QEMU refuses, ends, or is silent for the given milliseconds. */
  execute(command: string, args: Readonly<Record<string, unknown>> = {}, timeout = 5000): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const id = this.nextId++;
      const timer = setTimeout(() => this.settle(id)?.fail(`No answer within ${timeout} ms.`), timeout);
      this.pending.set(id, { command, resolve, reject, timer });
      if (this.socket.destroyed) {
        this.settle(id)?.fail('QEMU ended.');
        return;
      }
      this.socket.resume();
      this.socket.write(`${JSON.stringify({ execute: command, arguments: args, id })}\n`);
    });
  }

  close(): void {
    this.socket.destroy();
  }

  private rest(): void {
    this.socket.pause();
    setTimeout(() => this.socket.resume(), restAfterEvents);
  }

  private receive(line: string): void {
    const message = messageSchema.parse(JSON.parse(line));
    if (message.QMP !== undefined) {
      const { major, minor } = message.QMP.version.qemu;
      this.version = `${major}.${minor}`;
    } else if (message.event !== undefined) {
      this.onEvent({ name: message.event, data: message.data ?? {} });
    } else if (message.id !== undefined) {
      const request = this.settle(message.id);
      if (message.error) request?.fail(message.error.desc);
      else request?.succeed(message.return);
    }
  }

  private settle(id: number): { succeed(value: unknown): void; fail(why: string): void } | undefined {
    const request = this.pending.get(id);
    if (request === undefined) return undefined;
    this.pending.delete(id);
    clearTimeout(request.timer);
    return {
      succeed: request.resolve,
      fail: (why) => {
        request.reject(qmpFailed(request.command, why));
      },
    };
  }
}
