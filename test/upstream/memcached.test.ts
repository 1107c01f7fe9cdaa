import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { inForm } from '../form';
import { describeServer } from './server';

/** A value that is more than one packet, and one that is more than the server takes. */
const [large, tooLarge] = ['0123456789'.repeat(50_000), 'x'.repeat(1_100_000)];
const store = (command: string, key: string, value: string, more = ''): string =>
  `${command} ${key} 0 0 ${value.length}${more}\r\n${value}\r\n`;

/** Every command of the text protocol, errors, and the meta commands; each with its last line. */
const asked = [
  store('set', 'greeting', 'hello'),
  store('append', 'greeting', ' world'),
  store('prepend', 'greeting', '>'),
  store('add', 'greeting', 'no'),
  store('replace', 'nothing', 'no'),
  'gets greeting\r\n',
  store('cas', 'greeting', 'late', ' 1'),
  store('cas', 'greeting', 'in time', ' 3'),
  'get greeting nothing greeting\r\n',
  store('set', 'number', '41'),
  'incr number 1\r\n',
  'decr number 100\r\n',
  'incr greeting 1\r\n',
  'incr nothing 1\r\n',
  store('set', 'large', large),
  'get large\r\n',
  store('set', 'too-large', tooLarge),
  'get too-large\r\n',
  `get ${'k'.repeat(251)}\r\n`,
  'set short 7 -1 1\r\nx\r\n',
  'get short\r\n',
  'touch greeting 100\r\n',
  'delete greeting\r\n',
  'delete greeting\r\n',
  'ms meta 3 T0 F5\r\nabc\r\n',
  'mg meta v f t s\r\n',
  'md meta q\r\nmn\r\n',
  'stats settings\r\n',
  'verbosity 1\r\n',
  'flush_all\r\n',
  'get number\r\n',
  'version\r\n',
  'nonsense\r\n',
];
const ending =
  /(?:^|\r\n)(?:END|STORED|NOT_STORED|EXISTS|OK|DELETED|TOUCHED|NOT_FOUND|HD|MN|EN|VA .*\r\n.*|\d+|[A-Z_]*ERROR.*|VERSION .*)\r\n$/;

async function open(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1' });
  socket.setEncoding('latin1');
  await once(socket, 'connect');
  return socket;
}

async function answer(
  socket: Socket,
  command: string,
  complete = (text: string) => ending.test(text),
): Promise<string> {
  const parts: string[] = [];
  socket.write(command);
  do parts.push(String((await once(socket, 'data', { signal: AbortSignal.timeout(30_000) }))[0]));
  while (!complete(parts.length === 1 ? parts[0]! : parts.slice(-2).join('')));
  return parts.join('');
}

/** Over UDP a request has eight bytes before it: its number, that of the datagram, how many there are, and nothing. */
async function answerOverUdp(port: number, command: string): Promise<string> {
  const socket = createSocket('udp4');
  socket.send(Buffer.concat([Buffer.from([1, 2, 0, 0, 0, 1, 0, 0]), Buffer.from(command)]), port, '127.0.0.1');
  const [message] = (await once(socket, 'message', { signal: AbortSignal.timeout(10_000) })) as [Buffer];
  socket.close();
  return message.toString('latin1');
}

describeServer({
  title: 'memcached',
  program: {
    name: 'memcached',
    package: 'memcached',
    archive: 'memcached_1.6.18.orig.tar.xz',
    sha256: '35872bd25f8d29d7cc2072d23e74344530891bfd0aa4f4f64184a8ae7291164b',
    libraries: {
      libevent: {
        package: 'libevent',
        archive: 'libevent_2.1.12-stable.orig.tar.gz',
        sha256: '92e6de1be9ec176428fd2367677e61ceffc2ee1cb119035037a27d346b0403bb',
      },
    },
    prepare: [
      // It is built since memcached's configure runs a program with it.
      [
        'sh',
        '-c',
        'cd libevent && ./configure -q --disable-shared --disable-openssl --disable-debug-mode --disable-samples --disable-libevent-regress && make -s include/event2/event-config.h libevent.la && cp .libs/libevent.a .',
      ],
      ['./configure', '-q', '--disable-extstore', '--disable-docs', '--with-libevent=libevent'],
    ],
    sources: [
      '{memcached,hash,jenkins_hash,murmur3_hash,slabs,items,assoc,thread,daemon,stats_prefix,util,cache}.c',
      '{bipbuffer,base64,logger,crawler,itoa_ljust,slab_automove,authfile,restart,proto_text,proto_bin}.c',
      'libevent/{buffer,bufferevent,bufferevent_filter,bufferevent_pair,bufferevent_ratelim,bufferevent_sock,event}.c',
      'libevent/{evmap,evthread,evutil,evutil_rand,evutil_time,listener,log,signal,strlcpy,epoll,poll,select}.c',
    ],
    flags: ['-DNDEBUG', '-DHAVE_CONFIG_H', '-Isrc/libevent/include', '-Isrc/libevent/compat', '-Isrc/libevent'],
    project: { optimize: 'none', memory: '128M' },
  },
  port: 11211,
  words: (port) => ['-u', 'root', '-p', `${port}`, '-U', `${port}`, '-t', '4', '-m', '32', '-vv'],
  ready: /server listening \(udp\)/,

  async ask({ port }) {
    const socket = await open(port);
    const answers = [await answer(socket, 'verbosity 0\r\n')];
    for (const command of asked) answers.push(await answer(socket, command));
    socket.destroy();
    answers.push(await answerOverUdp(port, store('set', 'over', 'UDP')), await answerOverUdp(port, 'get over\r\n'));
    return answers.map((text) =>
      text.replaceAll(/STAT (?:tcpport|udpport|maxconns|binding_protocol|verbosity) .*\r\n/g, ''),
    );
  },

  async load({ port }) {
    const [clients, adders, rounds] = [50, 4, inForm(8, 50)];
    const sockets: Socket[] = [];
    for (let client = 0; client < clients; client++) sockets.push(await open(port));
    await answer(sockets[0]!, `verbosity 0\r\n`);
    for (const key of ['counter', 'sum']) await answer(sockets[0]!, store('set', key, '0'));
    const work = sockets.map(async (socket, client) => {
      for (let round = 0; round < rounds; round++) {
        const value = `${client} ${round}`.repeat(round % 100);
        assert.equal(await answer(socket, store('set', `key-${client}-${round % 10}`, value)), 'STORED\r\n');
        const [, kept = ''] = (await answer(socket, `get key-${client}-${round % 10}\r\n`)).split('\r\n');
        assert.equal(kept, value);
        assert.match(await answer(socket, 'incr counter 1\r\n'), /^\d+\r\n$/);
        if (client < adders) await addByCas(socket, 'sum');
      }
    });
    await Promise.all(work);
    for (const [key, total] of [
      ['counter', clients * rounds],
      ['sum', adders * rounds],
    ] as const)
      assert.equal((await answer(sockets[0]!, `get ${key}\r\n`)).split('\r\n')[1], `${total}`);
    for (const socket of sockets) socket.destroy();
    return 3 * clients * rounds;
  },
});

/** Adds one as two programs do that must not lose what the other has added. */
async function addByCas(socket: Socket, key: string): Promise<void> {
  for (;;) {
    const [, flags, , unique, value] =
      /^VALUE \S+ (\d+) (\d+) (\d+)\r\n(\d+)/.exec(await answer(socket, `gets ${key}\r\n`)) ?? [];
    const next = `${Number(value) + 1}`;
    if ((await answer(socket, store('cas', key, next, ` ${unique}`))) === 'STORED\r\n') return;
    assert.equal(flags, '0');
  }
}
