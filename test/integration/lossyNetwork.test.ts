import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { readArtifact } from '../../src/build/build';
import { findExitRecord } from '../../src/qemu/exitRecord';
import { readElf } from '../../src/image/elf';
import { Guest } from '../../src/qemu/guest';
import { targets, type Target } from '../../src/targets';
import { inForm } from '../form';
import { unikernel } from './unikernel';

const loopback = '127.0.0.1';
/** In milliseconds, of one transfer. */
const limit = inForm(60_000, 240_000);

/** How many frames of a hundred are lost, doubled, and held back until later ones have passed. */
const faults = inForm({ lost: 1, doubled: 3, late: 5 }, { lost: 2, doubled: 5, late: 10 });

/** A socket on a port of its own. */
async function open(): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.bind(0, loopback);
  await once(socket, 'listening');
  return socket;
}

async function freePort(): Promise<number> {
  const socket = await open();
  const { port } = socket.address();
  socket.close();
  return port;
}

/** The same numbers from 0 to 99 in each run with the seed: a linear congruential generator. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * 100);
  };
}

/** The wire between two cards, each of which sends Ethernet frames as datagrams to a port of the wire's. */
class Wire {
  readonly counts = { passed: 0, lost: 0, doubled: 0, late: 0 };

  private constructor(
    readonly ends: readonly { readonly socket: Socket; readonly card: number }[],
    private readonly next: () => number,
  ) {
    ends.forEach(({ socket }, i) => {
      const to = ends[1 - i]!;
      socket.on('message', (frame) => {
        this.pass(frame, to);
      });
    });
  }

  static async make(seed: number): Promise<Wire> {
    const makeEnd = async () => ({ socket: await open(), card: await freePort() });
    return new Wire([await makeEnd(), await makeEnd()], numbers(seed));
  }

  private pass(frame: Buffer, { socket, card }: Wire['ends'][number]): void {
    const number = this.next();
    const send = (): void => {
      this.counts.passed++;
      socket.send(frame, card, loopback);
    };
    const { lost, doubled, late } = faults;
    if (number < lost) {
      this.counts.lost++;
    } else if (number < lost + doubled) {
      this.counts.doubled++;
      send();
      send();
    } else if (number < lost + doubled + late) {
      this.counts.late++;
      setTimeout(send, 5);
    } else send();
  }

  /** QEMU's arguments for the card at that end; each has an address of its own. */
  arguments({ virtio, networkCard }: Target['machine'], end: number): string[] {
    const { socket, card } = this.ends[end]!;
    const driver = networkCard.join().includes('virtio-net-pci') ? 'virtio-net-pci' : 'virtio-net-device';
    return [
      ...virtio,
      ...networkCard,
      ...['-global', `${driver}.mac=52:54:00:00:00:0${end + 1}`],
      ...['-netdev', `socket,id=network0,udp=${loopback}:${socket.address().port},localaddr=${loopback}:${card}`],
    ];
  }

  async cut(): Promise<void> {
    // What is late comes first.
    await new Promise((done) => setTimeout(done, 50));
    for (const { socket } of this.ends) socket.close();
  }
}

describe('a network that loses, doubles and reorders packets', function () {
  this.timeout(2 * limit);
  const names = ['server', 'client'] as const;
  let parent: string;

  before(async () => {
    parent = await mkdtemp(join(tmpdir(), 'unikernel-lossy-'));
    for (const [i, name] of names.entries()) {
      const folder = join(parent, name);
      await cp(resolve(__dirname, '../fixtures/lossy'), folder, { recursive: true });
      const network = { address: `10.9.0.${i + 1}/24` };
      await writeFile(
        join(folder, 'unikernel.json'),
        JSON.stringify({ name, language: 'c', sources: ['main.c'], network }),
      );
      const built = await unikernel(folder, 'build');
      assert.equal(built.exitCode, 0, built.stderr);
    }
  });
  after(async () => {
    for (const name of names) await unikernel(join(parent, name), 'clean');
    await rm(parent, { recursive: true });
  });

  async function start(name: (typeof names)[number], target: Target, wire: Wire, words: readonly string[]) {
    const artifact = await readArtifact(join(parent, name), target.architecture);
    const guest = await Guest.start(
      {
        machine: target.machine,
        image: artifact.image,
        memory: artifact.memory,
        kernelArguments: words,
        additionalArguments: wire.arguments(target.machine, names.indexOf(name)),
        exitRecord: findExitRecord(await readElf(artifact.symbols)),
      },
      AbortSignal.timeout(limit),
    );
    let output = '';
    const first = new Promise<void>((printed) => {
      guest.console.subscribe((data) => {
        output += data.toString();
        if (output.includes('\n')) printed();
      });
    });
    return { guest, first, output: () => output };
  }

  for (const target of targets)
    it(`hands on a megabyte as it was on ${target.id}`, async () => {
      const wire = await Wire.make(1);
      const server = await start('server', target, wire, ['serve']);
      await server.first;
      const client = await start('client', target, wire, ['fetch', '10.9.0.1']);
      const watch = setTimeout(() => void client.guest.powerOff(), limit);
      const { status } = await client.guest.ended;
      clearTimeout(watch);
      // The end of the connection may be lost with the client's machine.
      await server.guest.powerOff();
      await server.guest.ended;
      await wire.cut();
      const seen = `${client.output()}${server.output()}${JSON.stringify(wire.counts)}`;
      assert.match(client.output(), /^1048576 bytes are right\r?\n$/, seen);
      assert.equal(status, 0, seen);
      const { lost, doubled, late } = wire.counts;
      assert.ok(lost > 0 && doubled > 0 && late > 0, seen);
    });
});
