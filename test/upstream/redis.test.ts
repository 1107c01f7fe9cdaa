import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { inForm } from '../form';
import { describeServer } from './server';

/** Strings, lists, sets, hashes, sorted sets, streams, scripts, transactions, expiry, errors, and its file of commands read again. */
const commands = `
SET greeting "hello world"
APPEND greeting !
GETRANGE greeting 6 -1
INCRBYFLOAT number 3.25
INCR greeting
RPUSH list a b c d e
LRANGE list 1 -2
LPOS list d
SADD one 1 2 3 4
SADD two 3 4 5
SINTER one two
HSET hash field value other 2
HINCRBY hash other 40
HGETALL hash
ZADD scores 3 carol 1 alice 2 bob
ZRANGE scores 0 -1 WITHSCORES
GEOADD places 13.361389 38.115556 Palermo 15.087269 37.502669 Catania
GEODIST places Palermo Catania km
XADD stream 1-1 field value
XRANGE stream - +
PFADD visitors a b c d
PFCOUNT visitors
SETBIT bits 7 1
BITCOUNT bits
EVAL "local t = {} for i = 1, 100 do t[i] = i end return #t + redis.call('LLEN', KEYS[1])" 1 list
EVAL "return cjson.encode({1, 2, {a = 'b'}})" 0
MULTI
SET inside 1
INCR inside
EXEC
SET short lived PX 50
WAIT 1 100
GET short
OBJECT ENCODING list
SORT list ALPHA DESC
TYPE stream
DEBUG LOADAOF
DBSIZE
GET inside
CONFIG GET appendonly
NOT A COMMAND
`;

const options = ['--save', '', '--appendonly', 'yes', '--auto-aof-rewrite-percentage', '0', '--protected-mode', 'no'];
// On arm64 it wants to fork, to see whether the kernel does that well.
const words = [...options, '--enable-debug-command', 'yes', '--ignore-warnings', 'ARM64-COW-BUG'];

/** So many clients, each of which sends four commands at once and waits for their answers, so many times. */
async function work(port: number, clients: number, rounds: number): Promise<void> {
  const sockets = Array.from({ length: clients }, () => connect({ port, host: '127.0.0.1' }).setEncoding('utf8'));
  const done = sockets.map(async (socket, client) => {
    const closed = new AbortController();
    socket.once('close', () => {
      closed.abort(new Error('The server closed the connection.'));
    });
    const commands = `INCR counter\r\nRPUSH list ${client}\r\nHSET hash ${client} value\r\nSET key${client} ${'x'.repeat(500)}\r\n`;
    for (let round = 0; round < rounds; round++) await answers(socket, commands, 4, closed.signal);
    socket.destroy();
  });
  await Promise.all(done);
}

/** Sends commands and waits for so many answers of a line each. */
async function answers(socket: Socket, commands: string, count: number, closed: AbortSignal): Promise<void> {
  socket.write(commands);
  let text = '';
  while (text.split('\r\n').length <= count) {
    const signal = AbortSignal.any([closed, AbortSignal.timeout(30_000)]);
    text += String((await once(socket, 'data', { signal }))[0]);
  }
  assert.match(text, /^([+:].*\r\n)+$/);
}

/** What its own benchmark asks for, of each kind so many times, by fifty clients. */
async function runBenchmark(port: number, times: number): Promise<void> {
  const { execa } = await import('execa');
  const kinds = ['set', 'get', 'incr', 'rpush', 'lpop', 'sadd', 'hset', 'zadd', 'lrange_100', 'mset'];
  const words = ['-p', String(port), '-c', '50', '-n', String(times), '-t', kinds.join(','), '--csv'];
  const { stdout } = await execa('redis-benchmark', words, { timeout: 600_000 });
  // One more fills the list for lrange.
  assert.equal(stdout.split('\n').filter((line) => /^"[^"]+","\d+\.\d+"/.test(line)).length, kinds.length + 1, stdout);
}

async function askAll(port: number, input: string): Promise<string[]> {
  const { execa } = await import('execa');
  const { stdout } = await execa('redis-cli', ['-p', String(port)], { input, reject: false, timeout: 60_000 });
  return stdout.split('\n');
}

describeServer({
  title: 'Redis',
  program: {
    name: 'redis',
    package: 'redis',
    archive: 'redis_7.0.15.orig.tar.gz',
    sha256: '4b1dc4ee6d622a09fff9c6777191209750fb5e5a725ef78ea012d6eef4c22982',
    sources: [
      'src/*.c',
      '!src/{redis-cli,redis-benchmark,cli_common,redisassert,ae_*}.c',
      'deps/hiredis/{alloc,async,hiredis,net,read,sds,sockcompat}.c',
      'deps/hdr_histogram/hdr_histogram.c',
      'deps/lua/src/*.c',
      '!deps/lua/src/{lua,luac,print}.c',
    ],
    prepare: [['sh', '-c', 'cd src && ./mkreleasehdr.sh']],
    flags: [
      ...['src', 'deps/hiredis', 'deps/lua/src', 'deps/hdr_histogram'].map((folder) => `-Isrc/${folder}`),
      '-DREDIS_STATIC=static',
      '-DENABLE_CJSON_GLOBAL',
      '-DLUA_USE_MKSTEMP',
      '-DHDR_MALLOC_INCLUDE="hdr_redis_malloc.h"',
    ],
    project: { memory: '128M', optimize: 'none' },
  },
  port: 6379,
  words: (port) => [...words, '--port', String(port)],
  ready: /Ready to accept connections/,

  ask: ({ port }) => askAll(port, commands),

  async beforeLoad({ port }) {
    assert.match((await askAll(port, 'BGSAVE')).join(''), /ERR/);
    const [clients, rounds] = [50, inForm(50, 1000)];
    await work(port, clients, rounds);
    const expected = [String(clients * rounds), String(clients * rounds), String(clients)];
    assert.deepEqual(await askAll(port, 'GET counter\nLLEN list\nHLEN hash'), expected);
    // All of it again, from the file of commands; which would take more and more memory under load.
    const again = await askAll(
      port,
      'DEBUG LOADAOF\nGET counter\nLLEN list\nHLEN hash\nCONFIG SET appendonly no\nFLUSHALL',
    );
    assert.deepEqual(again, ['OK', ...expected, 'OK', 'OK']);
    await runBenchmark(port, inForm(1000, 20_000));
    assert.deepEqual(await askAll(port, 'FLUSHALL'), ['OK']);
  },

  async load({ port }) {
    const [clients, rounds] = [50, inForm(20, 200)];
    await work(port, clients, rounds);
    const expected = [String(clients * rounds), String(clients * rounds), String(clients), 'OK'];
    assert.deepEqual(await askAll(port, 'GET counter\nLLEN list\nHLEN hash\nFLUSHALL'), expected);
    return 4 * clients * rounds;
  },
});
