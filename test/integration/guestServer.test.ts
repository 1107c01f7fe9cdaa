import assert from 'node:assert/strict';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { WebSocket } from 'ws';
import { Guest } from '../../src/qemu/guest';
import { GuestServer, type GuestMessage } from '../../src/qemu/server';
import { defaultTarget } from '../../src/targets';
import { buildKernel } from './kernel';

describe("the guest's server", function () {
  this.timeout(60_000);
  let guest: Guest;
  let server: GuestServer;

  beforeEach(async () => {
    const { image } = await buildKernel(defaultTarget.architecture, 'SPIN=1');
    const { machine } = defaultTarget;
    guest = await Guest.start({ machine, image, memory: '64M' }, new AbortController().signal);
    server = await GuestServer.listen(guest, defaultTarget.id);
  });
  afterEach(async () => {
    await guest.dispose();
    await server.close();
  });

  it('says hello, follows the state, obeys, and says how the guest ended', async () => {
    const client = new WebSocket(server.url);
    const messages: GuestMessage[] = [];
    const exited = new Promise<void>((resolve) => {
      client.on('message', (data: Buffer) => {
        const message = JSON.parse(data.toString()) as GuestMessage;
        messages.push(message);
        if (message.type === 'hello') client.send('{"type":"pause"}');
        if (message.type === 'state' && message.state === 'paused') client.send('{"type":"powerOff"}');
        if (message.type === 'exit') resolve();
      });
    });
    await exited;
    client.close();
    assert.equal(messages[0]?.type, 'hello');
    assert.ok(messages.some((message) => message.type === 'state' && message.state === 'paused'));
    assert.deepEqual(messages.at(-1), { type: 'exit', status: 143, reason: 'stopped from outside' });
  });

  it('leaves the run state to a debugger until that is gone', async () => {
    const client = new WebSocket(server.url);
    const messages: GuestMessage[] = [];
    const paused = new Promise<void>((resolve) => {
      client.on('message', (data: Buffer) => {
        const message = JSON.parse(data.toString()) as GuestMessage;
        messages.push(message);
        if (message.type === 'state' && message.state === 'paused') resolve();
      });
    });
    await once(client, 'open');
    for (const request of [
      { type: 'debugged', debugged: true },
      { type: 'pause' },
      { type: 'debugged', debugged: false },
      { type: 'pause' },
    ]) {
      client.send(JSON.stringify(request));
    }
    await paused;
    client.close();
    const told = messages.flatMap((message) => (message.type === 'hello' || message.type === 'state' ? [] : [message]));
    assert.deepEqual(
      told.filter(({ type }) => type !== 'console'),
      [
        { type: 'debugged', debugged: true },
        { type: 'debugged', debugged: false },
      ],
    );
    const last = messages.findLastIndex(({ type }) => type === 'debugged');
    assert.ok(messages.findIndex((message) => message.type === 'state' && message.state === 'paused') > last);
  });

  it('refuses whoever does not have the token', async () => {
    const client = new WebSocket(server.url.replace(/token=.*/, 'token=guessed'));
    const [error] = (await once(client, 'error')) as [Error];
    assert.match(error.message, /401/);
  });
});
