import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';
import * as z from 'zod';
import type { GuestExit } from './exitStatus';
import type { Guest, GuestState } from './guest';

const requestSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('input'), data: z.string() }),
  z.object({ type: z.enum(['pause', 'resume', 'reset', 'powerOff']) }),
  // A debugger that the client started came, or went.
  z.object({ type: z.literal('debugged'), debugged: z.boolean() }),
]);

/** What a client sends; `data` is base64. */
export type GuestRequest = z.infer<typeof requestSchema>;

/** What the server sends; `data` and `backlog` are base64, `startedAt` is ISO 8601. */
export type GuestMessage =
  | {
      readonly type: 'hello';
      readonly target: string;
      readonly state: GuestState;
      readonly startedAt: string;
      readonly backlog: string;
      /** A debugger owns the run state: pause, resume and reset are not done here. */
      readonly debugged: boolean;
    }
  | { readonly type: 'debugged'; readonly debugged: boolean }
  | { readonly type: 'console'; readonly data: string }
  | { readonly type: 'state'; readonly state: GuestState }
  | ({ readonly type: 'exit' } & GuestExit);

/** Offers a guest's console and controls to programs of the same person: a random token in the URL lets them in. */
export class GuestServer {
  private constructor(
    private readonly server: WebSocketServer,
    /** Where to connect, with the token. */
    readonly url: string,
  ) {}

  /** Listens on a free port of the loopback interface. */
  static async listen(guest: Guest, target: string): Promise<GuestServer> {
    const token = randomBytes(24).toString('base64url');
    const server = new WebSocketServer({
      host: '127.0.0.1',
      port: 0,
      maxPayload: 1 << 20,
      verifyClient: ({ req }: { req: IncomingMessage }) => isAllowed(req, token),
    });
    await new Promise<void>((resolve, reject) => {
      server.once('listening', resolve);
      server.once('error', reject);
    });
    server.on('connection', (client) => {
      serve(client, guest, target);
    });
    const { port } = server.address() as AddressInfo;
    return new GuestServer(server, `ws://127.0.0.1:${port}/?token=${token}`);
  }

  /** Stops listening; clients get what was sent to them before. */
  async close(): Promise<void> {
    for (const client of this.server.clients) client.close();
    const late = setTimeout(() => {
      for (const client of this.server.clients) client.terminate();
    }, 1000);
    await new Promise<void>((resolve) => {
      this.server.close(() => {
        resolve();
      });
    });
    clearTimeout(late);
  }
}

function isAllowed(request: IncomingMessage, token: string): boolean {
  const given = Buffer.from(new URL(request.url ?? '/', 'ws://localhost').searchParams.get('token') ?? '');
  const expected = Buffer.from(token);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function serve(client: WebSocket, guest: Guest, target: string): void {
  const send = (message: GuestMessage): void => {
    if (client.readyState === client.OPEN) client.send(JSON.stringify(message));
  };
  send({
    type: 'hello',
    target,
    state: guest.state,
    startedAt: guest.startedAt.toISOString(),
    backlog: guest.console.backlog.toString('base64'),
    debugged: guest.isDebugged,
  });
  const unsubscribe = [
    guest.console.follow((data) => {
      send({ type: 'console', data: data.toString('base64') });
    }),
    guest.onState((state) => {
      send({ type: 'state', state });
    }),
    guest.onDebugged(() => {
      send({ type: 'debugged', debugged: guest.isDebugged });
    }),
  ];
  void guest.ended.then((exit) => {
    send({ type: 'exit', ...exit });
  });
  client.on('close', () => {
    for (const end of unsubscribe) end();
  });
  client.on('error', () => undefined);
  client.on('message', (data) => {
    void perform(guest, data).catch(() => undefined);
  });
}

async function perform(guest: Guest, data: RawData): Promise<void> {
  const text = Buffer.isBuffer(data) ? data.toString() : '';
  const request = requestSchema.parse(JSON.parse(text));
  if (request.type === 'input') guest.console.write(Buffer.from(request.data, 'base64'));
  else if (request.type === 'debugged') guest.isDebugged = request.debugged;
  else if (request.type === 'powerOff') await guest.powerOff();
  else if (!guest.isDebugged) await guest[request.type]();
}
