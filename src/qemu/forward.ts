import { connect, createServer, type Server, type Socket } from 'node:net';
import type { ForwardedPort, Network } from '../project/network';
import { portTaken } from './errors';
import { loopback } from './network';

/** How long QEMU may take to accept; longer, its queue was full, and the kernel would try again after a second only. */
const patience = 20;

/**
 * Takes the connections to a forwarded port and hands them to QEMU's user network one after the other: that listens with a
 * queue of one (libslirp's tcpx_listen), so that of several connections made in the same moment some would wait for seconds.
 */
class Forwarder {
  private readonly connections = new Set<Socket>();
  private last: Promise<unknown> = Promise.resolve();
  /** Says at which port of this computer QEMU listens; connections wait for that. */
  lead!: (inner: number | undefined) => void;
  private readonly inner = new Promise<number | undefined>((resolve) => (this.lead = resolve));

  private constructor(
    private readonly server: Server,
    readonly guest: number,
  ) {
    server.on('connection', (outer) => void this.forward(outer));
  }

  /** Listens; the error names a port that another program has. */
  static async listen(port: ForwardedPort): Promise<Forwarder> {
    const server = await listenAt(port.host).catch(() => undefined);
    if (server === undefined) throw portTaken(port.host, port.protocol);
    return new Forwarder(server, port.guest);
  }

  /** Cuts all connections. */
  close(): void {
    this.server.close();
    for (const socket of this.connections) socket.destroy();
  }

  private async forward(outer: Socket): Promise<void> {
    this.keep(outer);
    // What ends it early ends the pair, once there is one.
    outer.on('error', () => undefined);
    const turn = this.last.then(() => this.connect());
    this.last = turn;
    const inner = await turn;
    if (inner === undefined) {
      outer.destroy();
      return;
    }
    this.keep(inner);
    join(outer, inner);
    join(inner, outer);
  }

  /** A connection that QEMU has taken; undefined when nobody listens there any more. */
  private async connect(): Promise<Socket | undefined> {
    const port = await this.inner;
    while (port !== undefined) {
      const socket = connect({ port, host: loopback, allowHalfOpen: true, noDelay: true });
      const result = await new Promise<'connected' | 'refused' | 'late'>((resolve) => {
        const timer = setTimeout(resolve, patience, 'late');
        const settle = (how: 'connected' | 'refused') => (): void => {
          clearTimeout(timer);
          resolve(how);
        };
        socket.once('connect', settle('connected'));
        socket.on('error', settle('refused'));
      });
      if (result === 'connected') return socket;
      socket.destroy();
      if (result === 'refused') return undefined;
    }
    return undefined;
  }

  private keep(socket: Socket): void {
    this.connections.add(socket);
    socket.once('close', () => this.connections.delete(socket));
  }
}

function listenAt(port: number): Promise<Server> {
  const server = createServer({ allowHalfOpen: true, noDelay: true });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host: loopback, backlog: 4096 }, () => {
      resolve(server);
    });
  });
}

/** What comes from one goes to the other, and so does its end: a half of the connection, or a reset. */
function join(from: Socket, to: Socket): void {
  from.on('error', () => {
    to.resetAndDestroy();
  });
  from.on('close', () => {
    to.destroySoon();
  });
  if (from.destroyed) to.resetAndDestroy();
  else from.pipe(to);
}

/** The TCP ports of a guest, listened to. */
export interface Forwarding {
  /** The network as QEMU has it: it chooses other ports of this computer itself, so that no other program can be there before it. */
  readonly network: Network;
  /** Connects to the ports that QEMU has chosen, by what `info usernet` prints. */
  lead(listing: string): void;
  close(): void;
}

/** Listens at the ports of a guest's network; an error names one that another program has. */
export async function forwardPorts(network: Network): Promise<Forwarding> {
  const forwarders: Forwarder[] = [];
  const close = (): void => {
    for (const forwarder of forwarders) forwarder.close();
  };
  const ports: ForwardedPort[] = [];
  const lead = (listing: string): void => {
    const chosen = chosenPorts(listing);
    for (const forwarder of forwarders) forwarder.lead(chosen.get(forwarder.guest)?.shift());
  };
  try {
    for (const port of network.ports) {
      if (port.protocol === 'udp') {
        ports.push(port);
        continue;
      }
      const forwarder = await Forwarder.listen(port);
      forwarders.push(forwarder);
      ports.push({ ...port, host: 0 });
    }
  } catch (error) {
    close();
    throw error;
  }
  return { network: { ...network, ports }, lead, close };
}

/** The ports where QEMU listens, in their order, by the guest's port that they lead to. */
export function chosenPorts(listing: string): Map<number, number[]> {
  const ports = new Map<number, number[]>();
  for (const [, host, guest] of listing.matchAll(/^ *TCP\[HOST_FORWARD\] +\d+ +\S+ +(\d+) +\S+ +(\d+) /gm))
    ports.set(Number(guest), [...(ports.get(Number(guest)) ?? []), Number(host)]);
  return ports;
}
