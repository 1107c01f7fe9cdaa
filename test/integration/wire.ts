import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Readable } from 'node:stream';
import { ProtocolSchema } from './protocolSchema';

/** Requests after whose success the guest has gone on, or stands elsewhere. */
const moving = new Set(
  'continue next stepIn stepOut stepBack reverseContinue goto restartFrame restart unikernel.restoreSnapshot unikernel.reset'.split(
    ' ',
  ),
);

/** What a client must have said that it supports before it may be sent these. */
const optional: Readonly<Record<string, keyof DebugProtocol.InitializeRequestArguments>> = {
  progressStart: 'supportsProgressReporting',
  progressUpdate: 'supportsProgressReporting',
  progressEnd: 'supportsProgressReporting',
  invalidated: 'supportsInvalidatedEvent',
  memory: 'supportsMemoryEvent',
};

/** Made once, by the first that needs it. */
let protocol: ProtocolSchema | undefined;

/** Checks all that an adapter says against the Debug Adapter Protocol: the messages' types, and their order. */
export class Wire {
  /** What was wrong, with the message. */
  readonly problems: string[] = [];
  private readonly schema = (protocol ??= new ProtocolSchema());
  private readonly open = new Map<number, DebugProtocol.Request>();
  private readonly answered = new Set<number>();
  private readonly breakpoints = new Set<number>();
  private readonly progress = new Map<string, boolean>();
  private readonly once = new Set<string>();
  private client: Partial<DebugProtocol.InitializeRequestArguments> = {};
  private isInitialized = false;
  private isStopped = false;
  private lastSequence = 0;

  /** The commands of the requests without an answer, by their numbers. */
  get unanswered(): ReadonlyMap<number, string> {
    return new Map([...this.open].map(([number, { command }]) => [number, command]));
  }

  sent(request: DebugProtocol.Request): void {
    this.open.set(request.seq, request);
    if (request.command === 'initialize') this.client = request.arguments as DebugProtocol.InitializeRequestArguments;
  }

  received(message: DebugProtocol.ProtocolMessage): void {
    const found = [
      ...(message.seq === this.lastSequence + 1 ? [] : [`its number comes after ${this.lastSequence}`]),
      ...notInteger('', message),
    ];
    this.lastSequence = message.seq;
    if (message.type === 'response') found.push(...this.response(message as DebugProtocol.Response));
    else if (message.type === 'event') found.push(...this.event(message as DebugProtocol.Event));
    else found.push('it is neither a response nor an event');
    for (const problem of found) this.problems.push(`${problem}: ${JSON.stringify(message)}`);
  }

  private response(response: DebugProtocol.Response): string[] {
    const { request_seq: number, command, success } = response;
    if (this.answered.has(number)) return ['the request was answered before'];
    const request = this.open.get(number);
    if (request?.command !== command) return ['no such request was sent'];
    this.open.delete(number);
    this.answered.add(number);
    if (!success) return this.typed('ErrorResponse', response);
    if (command === 'initialize') this.isInitialized = true;
    if (moving.has(command)) this.isStopped = false;
    const { breakpoints = [] } = (response.body ?? {}) as { breakpoints?: DebugProtocol.Breakpoint[] };
    for (const { id } of breakpoints) if (id !== undefined) this.breakpoints.add(id);
    // A request of our own has no type in the protocol.
    return command.startsWith('unikernel.') ? [] : this.typed(`${capital(command)}Response`, response);
  }

  private event(event: DebugProtocol.Event): string[] {
    const { event: name } = event;
    const capability = optional[name];
    return [
      ...(this.isInitialized ? [] : ['it comes before the answer to initialize']),
      ...(this.once.has('terminated') && name !== 'exited' ? ['it comes after terminated'] : []),
      ...(capability === undefined || this.client[capability] === true ? [] : ['the client does not support it']),
      ...(name.startsWith('unikernel.') ? [] : this.typed(`${capital(name)}Event`, event)),
      ...this.inOrder(name, (event.body ?? {}) as Record<string, unknown>),
    ];
  }

  private inOrder(name: string, body: Record<string, unknown>): string[] {
    switch (name) {
      case 'initialized':
      case 'exited':
      case 'terminated': {
        const unended = name === 'terminated' && [...this.progress.values()].includes(true);
        const again = this.once.has(name);
        this.once.add(name);
        return [...(again ? ['it comes twice'] : []), ...(unended ? ['a progress has not ended'] : [])];
      }
      case 'continued':
        this.isStopped = false;
        return [];
      case 'stopped': {
        const unknown = ((body['hitBreakpointIds'] ?? []) as number[]).filter((id) => !this.breakpoints.has(id));
        const again = this.isStopped;
        this.isStopped = true;
        return [
          ...(again ? ['the client was not told that the guest had gone on'] : []),
          ...unknown.map((id) => `the client does not know the breakpoint ${id}`),
        ];
      }
      case 'progressStart':
      case 'progressUpdate':
      case 'progressEnd': {
        const id = String(body['progressId']);
        const isRight = name === 'progressStart' ? !this.progress.has(id) : this.progress.get(id) === true;
        this.progress.set(id, name !== 'progressEnd');
        return isRight ? [] : ['it is not in order'];
      }
      default:
        return [];
    }
  }

  private typed(type: string, message: unknown): string[] {
    return this.schema.problems(type, message) ?? [`the protocol has no ${type}`];
  }
}

/** The declarations say `number` of what the protocol's specification says `integer` of: everything but a percentage. */
function notInteger(path: string, value: unknown): string[] {
  if (typeof value === 'number') {
    return Number.isInteger(value) || path.endsWith('/percentage') ? [] : [`${path} is not an integer`];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) => notInteger(`${path}/${key}`, each));
}

function capital(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

/** Reads the messages of one direction: a header that says how many bytes follow, an empty line, JSON. */
export function readMessages(stream: Readable, onMessage: (message: DebugProtocol.ProtocolMessage) => void): void {
  let received = Buffer.alloc(0);
  stream.on('data', (data: Buffer) => {
    received = Buffer.concat([received, data]);
    for (;;) {
      const header = /^Content-Length: (\d+)\r\n\r\n/.exec(received.toString('latin1', 0, 60));
      const end = (header?.[0].length ?? 0) + Number(header?.[1]);
      if (header === null || received.length < end) return;
      onMessage(JSON.parse(received.toString('utf8', header[0].length, end)) as DebugProtocol.ProtocolMessage);
      received = received.subarray(end);
    }
  });
}
