import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { readArtifact } from '../../src/build/build';
import { Guest } from '../../src/qemu/guest';
import { targets, type Target } from '../../src/targets';
import { boot, unikernel } from './unikernel';

const loopback = '127.0.0.1';

/** The sum of RFC 1071 over the pseudo header of IPv6 and an ICMPv6 message (RFC 4443, 2.3). */
function checksum(addresses: Buffer, message: Buffer): number {
  const protocol = 58;
  const bytes = Buffer.concat([addresses, message]);
  let sum = protocol + message.length;
  for (let i = 0; i < bytes.length; i += 2) sum += bytes.readUInt16BE(i);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/** An Ethernet frame with a router's advertisement to all nodes (RFC 4861, 4.2): a prefix of 64 bits, and a name server (RFC 8106). */
function advertisement(prefix: string, nameServer: string): Buffer {
  const source = 'fe800000000000000000000000000099';
  const destination = 'ff020000000000000000000000000001';
  const options = [
    '0304' + '40c0' + '00000e10' + '00000e10' + '00000000' + prefix,
    '1903' + '0000' + '00000e10' + nameServer,
  ];
  const message = Buffer.from(`86000000` + '40000708' + '00000000'.repeat(2) + options.join(''), 'hex');
  const addresses = Buffer.from(source + destination, 'hex');
  message.writeUInt16BE(checksum(addresses, message), 2);
  const header = Buffer.from('333300000001' + '525400000099' + '86dd' + '60000000' + '0000' + '3aff', 'hex');
  header.writeUInt16BE(message.length, 18);
  return Buffer.concat([header, addresses, message]);
}

/** Answers the guest's search for routers (a frame of ICMPv6 with the type 133) with the frame. */
async function startRouter(frame: Buffer): Promise<{ readonly socket: Socket; readonly card: number }> {
  const [socket, card] = [createSocket('udp4'), createSocket('udp4')];
  for (const one of [socket, card]) {
    one.bind(0, loopback);
    await once(one, 'listening');
  }
  const { port } = card.address();
  card.close();
  socket.on('message', (asked) => {
    if (asked.readUInt16BE(12) === 0x86dd && asked[20] === 58 && asked[54] === 133) socket.send(frame, port, loopback);
  });
  return { socket, card: port };
}

describe('IPv6', function () {
  this.timeout(120_000);
  let parent: string;

  before(async () => {
    parent = await mkdtemp(join(tmpdir(), 'unikernel-ipv6-'));
    for (const name of ['leased', 'fixed']) {
      await cp(resolve(__dirname, '../fixtures/ipv6'), join(parent, name), { recursive: true });
      const network = name === 'fixed' ? { address: '10.9.0.1/24' } : undefined;
      await writeFile(
        join(parent, name, 'unikernel.json'),
        JSON.stringify({ name, language: 'c', sources: ['main.c'], network }),
      );
      const built = await unikernel(join(parent, name), 'build');
      assert.equal(built.exitCode, 0, built.stderr);
    }
  });
  after(async () => {
    for (const name of ['leased', 'fixed']) await unikernel(join(parent, name), 'clean');
    await rm(parent, { recursive: true });
  });

  for (const target of targets) {
    it(`has an address by the router's prefix, by which it reaches this computer, on ${target.id}`, async () => {
      const server = createServer((socket) => {
        socket.on('data', (data) => socket.end(`got ${data.toString().trim()}`));
      });
      server.listen(0, '::1');
      await once(server, 'listening');
      // fec0::2 is this computer's loopback for a guest (QEMU manual, "Using the user mode network stack").
      const words = ['fec0::2', String((server.address() as AddressInfo).port)];
      const { output } = await boot(join(parent, 'leased'), target, words);
      server.close();
      assert.equal(output, 'fec0::5054:ff:fe12:3456\ngot hello\nnameserver 10.0.2.3\n');
    });

    it(`takes the name server that a router tells on ${target.id}`, async () => {
      const prefix = '20010db8000100000000000000000000';
      const router = await startRouter(advertisement(prefix, '20010db8000100000000000000000053'));
      const output = await runAt(router, target, ['2001:db8:2::1', '0']);
      router.socket.close();
      assert.equal(output, '2001:db8:1:0:5054:ff:fe12:3456\nnameserver 2001:DB8:1::53\n');
    });
  }

  async function runAt(router: Awaited<ReturnType<typeof startRouter>>, target: Target, words: readonly string[]) {
    const artifact = await readArtifact(join(parent, 'fixed'), target.architecture);
    const { port } = router.socket.address();
    const guest = await Guest.start(
      {
        machine: target.machine,
        image: artifact.image,
        memory: artifact.memory,
        kernelArguments: words,
        additionalArguments: [
          ...target.machine.virtio,
          ...target.machine.networkCard,
          ...['-netdev', `socket,id=network0,udp=${loopback}:${port},localaddr=${loopback}:${router.card}`],
        ],
      },
      AbortSignal.timeout(60_000),
    );
    let output = '';
    guest.console.subscribe((data) => (output += data.toString()));
    await guest.ended;
    return output.replaceAll('\r\n', '\n');
  }
});
