import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { cp, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { bootArtifact } from '../../src/boot';
import { readArtifact } from '../../src/build/build';
import { readElf } from '../../src/image/elf';
import type { Guest } from '../../src/qemu/guest';
import { architectures, targets, type Target } from '../../src/targets';
import { inForm } from '../form';
import { findFreePages } from '../freePages';
import { freePort } from '../freePort';
import { boot, unikernel } from './unikernel';

/** Boots what was built, with a port of this computer that leads to the guest's, and waits for its first line. */
async function serve(folder: string, target: Target, words: string[], guestPort: number, address?: string) {
  const port = await freePort();
  const ports = (['tcp', 'udp'] as const).map((protocol) => ({ host: port, guest: guestPort, protocol }));
  const artifact = { ...(await readArtifact(folder, target.architecture)), network: { ports, address } };
  const options = { kernelArguments: words, folder, signal: AbortSignal.timeout(120_000) };
  const started = performance.now();
  const guest = await bootArtifact(artifact, target, options);
  let output = '';
  await new Promise<void>((ready) => {
    guest.console.subscribe((data) => {
      output += data.toString();
      if (output.includes('\n')) ready();
    });
  });
  return { guest, port, started, printed: () => output };
}

async function stop(guest: Guest): Promise<void> {
  await guest.powerOff();
  await guest.ended;
}

/** Connects, and has the guest answer once, so that it has accepted. */
async function open(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1' });
  await new Promise<void>((answered, failed) => {
    socket.once('error', failed);
    socket.once('data', () => {
      answered();
    });
    socket.write('x');
  });
  return socket;
}

async function request(port: number): Promise<string> {
  return new Promise((done, failed) => {
    get({ port, host: '127.0.0.1', path: '/', agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('end', () => {
        done(text);
      });
    }).on('error', failed);
  });
}

/** One connection of many that end in all the ways there are; the number says how. */
async function cut(port: number, how: number): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: how % 3 === 0 });
  socket.on('error', () => undefined).resume();
  const closed = new Promise((done) => socket.once('close', done));
  if (how % 7 > 0) socket.write('x'.repeat(how % 7 === 1 ? 60_000 : how % 100));
  if (how % 5 > 0) await new Promise((wait) => setTimeout(wait, how % 5 === 1 ? 0 : how % 50));
  if (how % 2 === 0) socket.resetAndDestroy();
  else if (how % 3 === 0) socket.end();
  else socket.destroy();
  await Promise.race([closed, new Promise((wait) => setTimeout(wait, 1000).unref())]);
  socket.destroy();
}

describe('network', function () {
  this.timeout(300_000);
  let parent: string;
  let http: string;
  let program: string;
  let fixed: string;

  before(async () => {
    parent = await mkdtemp(join(tmpdir(), 'unikernel-network-'));
    http = join(parent, 'http');
    program = join(parent, 'network');
    await cp(resolve(__dirname, '../fixtures/network'), program, { recursive: true });
    await writeFile(join(program, 'unikernel.json'), '{ "name": "network", "language": "c", "sources": ["*.c"] }');
    const created = await unikernel(parent, 'new', 'c-http', 'http');
    assert.equal(created.exitCode, 0, created.stderr);
    fixed = join(parent, 'fixed');
    assert.equal((await unikernel(parent, 'new', 'c-http', 'fixed')).exitCode, 0);
    const network = { address: '10.0.2.20/24', gateway: '10.0.2.2', nameServer: '10.0.2.3' };
    await writeFile(join(fixed, 'unikernel.json'), JSON.stringify({ name: 'fixed', language: 'c', network }));
    for (const folder of [http, program, fixed]) {
      const built = await unikernel(folder, 'build');
      assert.equal(built.exitCode, 0, built.stderr);
    }
  });
  after(async () => {
    for (const folder of [http, program, fixed]) await unikernel(folder, 'clean');
    await rm(parent, { recursive: true });
  });

  for (const architecture of architectures)
    it(`makes a small image of the HTTP server on ${architecture}`, async () => {
      const { size } = await stat((await readArtifact(http, architecture)).image);
      assert.ok(size <= 140_000, `${size} bytes`);
    });

  it('forwards the ports of the project, and names one that is taken', async () => {
    const artifact = await readArtifact(http, 'x86_64');
    assert.deepEqual(artifact.network, { ports: [{ host: 8080, guest: 80, protocol: 'tcp' }] });
    const taken = createServer();
    await new Promise<void>((listening) => taken.listen(0, '127.0.0.1', listening));
    const { port } = taken.address() as AddressInfo;
    const network = { ports: [{ host: port, guest: 80, protocol: 'tcp' as const }] };
    const booting = bootArtifact({ ...artifact, network }, targets[0]!, {
      folder: http,
      signal: AbortSignal.timeout(9000),
    });
    await assert.rejects(booting, new RegExp(`Port ${port} of this computer is taken`));
    await new Promise((closed) => taken.close(closed));
  });

  for (const architecture of architectures) {
    it(`leaves the network out of a program that cannot use it on ${architecture}`, async () => {
      const folder = join(parent, 'hello');
      await rm(folder, { recursive: true, force: true });
      assert.equal((await unikernel(parent, 'new', 'c-hello', 'hello')).exitCode, 0);
      assert.equal((await unikernel(folder, 'build')).exitCode, 0);
      const artifact = await readArtifact(folder, architecture);
      const { symbols } = await readElf(artifact.symbols);
      const parts = symbols.filter(({ name }) =>
        /^(tcp_|udp_|ip[46]_|pbuf_|libos_(virtio|inet|network|card))/.test(name),
      );
      assert.deepEqual(parts, []);
      assert.equal(artifact.network, undefined);
      await unikernel(folder, 'clean');
    });
  }

  for (const target of targets) {
    it(`serves 1,000 requests on ${target.id}`, async () => {
      const { guest, port, started } = await serve(http, target, [], 80);
      assert.match(await request(port), /visitor 1\./);
      const first = performance.now() - started;
      for (let i = 2; i <= 1000; i += 1)
        assert.equal(await request(port), `Hello from a unikernel! You are visitor ${i}.\n`);
      await stop(guest);
      assert.ok(first < 5000, `${first} ms to the first byte`);
    });

    it(`has an address by DHCP, and loopback, on ${target.id}`, async () => {
      const { output, status } = await boot(program, target, ['addresses']);
      assert.equal(status, 0, output);
      assert.match(output, /^address 10\.0\.2\.15$/m);
      for (const line of output.trim().split('\n').slice(0)) assert.match(line, /: yes$|^address/);
    });

    it(`has the address that its project gives it on ${target.id}`, async () => {
      const { guest, port } = await serve(fixed, target, [], 80, '10.0.2.20');
      assert.match(await request(port), /visitor 1\./);
      await stop(guest);
    });

    it(`connects out on ${target.id}`, async () => {
      const server = createServer({ allowHalfOpen: true }, (socket) => {
        let text = '';
        socket.on('data', (data) => (text += data.toString()));
        socket.on('end', () => socket.end(`${text} to you`));
      });
      await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
      const { port } = server.address() as AddressInfo;
      const { output } = await boot(program, target, ['connect', String(port)]);
      await new Promise((closed) => server.close(closed));
      assert.equal(output, 'connected: yes\nanswer: hello to you\nrefused: yes\n');
    });

    it(`holds 1,000 connections, half closes and resets on ${target.id}`, async () => {
      const { guest, port, printed } = await serve(program, target, ['echo'], 7);
      const sockets = await Promise.all(Array.from({ length: 1000 }, () => open(port)));
      const [first, second, ...others] = sockets as [Socket, Socket, ...Socket[]];
      // half of it closed, the other half still tells
      const end = new Promise<string>((done) => {
        let text = '';
        first.on('data', (data) => (text += data.toString()));
        first.on('end', () => {
          done(text);
        });
      });
      first.end('abc');
      assert.equal(await end, 'abcend 4');
      second.resetAndDestroy();
      const udp = createSocket('udp4');
      const echoed = new Promise((done) =>
        udp.once('message', (data) => {
          done(data.toString());
        }),
      );
      udp.send('datagram', port, '127.0.0.1');
      assert.equal(await echoed, 'datagram');
      await new Promise((wait) => setTimeout(wait, 200));
      udp.send('quit', port, '127.0.0.1');
      const { status } = await guest.ended;
      udp.close();
      for (const socket of others) socket.destroy();
      assert.equal(status, 0, printed());
      assert.match(printed(), /most 1000, open 998/);
    });

    it(`goes on when all is acknowledged while it finds no room on ${target.id}`, async () => {
      const megabytes = 512;
      const { guest, port } = await serve(program, target, ['stream', String(megabytes)], 7);
      const socket = connect({ port, host: '127.0.0.1', timeout: 20_000 });
      socket.once('timeout', () => socket.destroy(new Error(`No more came after ${received} bytes.`)));
      let received = 0;
      for await (const part of socket) received += (part as Buffer).length;
      assert.equal(received, megabytes * 2 ** 20);
      assert.equal((await guest.ended).status, 0);
    });

    it(`has its memory back after connections that were cut at random on ${target.id}`, async () => {
      const { guest, port } = await serve(program, target, ['echo'], 7);
      const freePages = await findFreePages(guest, program, target);
      const count = inForm(500, 10_000);
      /** More than 80 bytes of each connection. */
      const isLost = (before: number, after: number): boolean => before - after > count / 50;
      let seed = 1;
      const next = (): number => (seed = (seed * 48_271) % 0x7fffffff);
      const cutMany = async (many: number): Promise<number> => {
        const workers = Array.from({ length: 50 }, async () => {
          for (let i = 0; i < many; i += 50) await cut(port, next());
        });
        await Promise.all(workers);
        // Connections that are over keep their ports for two seconds.
        await new Promise((wait) => setTimeout(wait, 4000));
        (await open(port)).destroy();
        return freePages();
      };
      // The heap grows to what the most connections at once need, and then no more; what each loses is lost in every round.
      let before = await cutMany(500);
      let after = await cutMany(count);
      for (let round = 1; round < 5 && isLost(before, after); round++) [before, after] = [after, await cutMany(count)];
      await stop(guest);
      assert.ok(before > 0 && !isLost(before, after), `${before} pages were free, then ${after}`);
    });
  }
});
