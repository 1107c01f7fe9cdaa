import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { execa as Execa } from 'execa';
import { inForm } from '../form';
import type { Built } from './program';
import { describeServer, type Server } from './server';

const configuration = (port: number): string => `user root
listener ${port}
allow_anonymous true
log_type information
log_type subscribe
persistence true
autosave_interval 1
max_queued_messages 10000
`;

const limit = 20_000;

type Tool = 'mosquitto_pub' | 'mosquitto_sub';

const common = [
  '{alias_mosq,handle_ping,handle_pubackcomp,handle_pubrec,handle_pubrel,handle_suback,handle_unsuback}.c',
  '{memory_mosq,misc_mosq,net_mosq,net_mosq_ocsp,packet_datatypes,packet_mosq,property_mosq,send_connect}.c',
  '{send_disconnect,send_mosq,send_publish,send_subscribe,send_unsubscribe,strings_mosq,time_mosq,tls_mosq}.c',
  '{utf8_mosq,util_mosq,util_topic,will_mosq}.c',
].map((pattern) => `lib/${pattern}`);

const flags = [
  '-DVERSION="2.0.11"',
  ...['.', 'include', 'lib', 'deps', 'src', 'client'].map((folder) => `-Isrc/${folder}`),
];
const tool = (sources: string): { sources: string[]; flags: string[] } => ({
  sources: ['lib/*.c', 'client/client_{props,shared}.c', `client/${sources}.c`],
  flags: [...flags, '-DWITH_THREADING', '-DWITH_SOCKS'],
});

/** Clients of one broker. */
class Clients {
  private constructor(
    private readonly execa: typeof Execa,
    private readonly built: Built,
    private readonly server: Server,
  ) {}

  static async of(built: Built, server: Server): Promise<Clients> {
    return new Clients((await import('execa')).execa, built, server);
  }

  /** Starts a client; WORDS are its arguments, the last of which may be more than a line. */
  start(name: Tool, words: string, input = '', ...more: string[]) {
    const all = ['-h', '127.0.0.1', '-p', String(this.server.port), ...words.split(' '), ...more];
    return this.execa(this.built.tools[name]!, all, { input, reject: false, timeout: limit, all: true });
  }

  /** What a client prints that ends by itself, and its status. */
  async run(name: Tool, words: string, input = ''): Promise<string> {
    const { all, exitCode } = await this.start(name, words, input);
    return `${words}: ${exitCode}\n${all}`;
  }

  /** Starts a client that subscribes, and waits until the broker says that it has. */
  async subscribe(name: string, words: string) {
    const running = this.start('mosquitto_sub', `-i ${name} ${words}`);
    const end = Date.now() + limit;
    while (!this.server.printed().includes(`: ${name} `)) {
      assert.ok(Date.now() < end, `${name} has not subscribed`);
      await setTimeout(10);
    }
    return { running, lines: async () => (await running).all.split('\n') };
  }
}

/** Of load: each has clients of other names. */
let rounds = 0;

describeServer({
  title: 'Mosquitto',
  program: {
    name: 'mosquitto',
    package: 'mosquitto',
    archive: 'mosquitto_2.0.11.orig.tar.gz',
    sha256: '7b36a7198bce85cf31b132f5c6ee36dcf5dadf86fb768501eb1e11ce95d4f78a',
    sources: ['src/!(plugin_debug|plugin_defer).c', ...common],
    flags: [
      ...flags,
      ...'BROKER BRIDGE PERSISTENCE MEMORY_TRACKING SYS_TREE CONTROL UNIX_SOCKETS EPOLL'
        .split(' ')
        .map((part) => `-DWITH_${part}`),
    ],
    tools: {
      mosquitto_pub: tool('pub_{client,shared}'),
      mosquitto_sub: tool('sub_client{,_output}'),
    },
    project: { optimize: 'none' },
    files: { 'mosquitto.conf': configuration(1883) },
  },
  port: 1883,
  async words(port, folder) {
    await writeFile(join(folder, 'mosquitto.conf'), configuration(port));
    return ['-c', 'mosquitto.conf'];
  },
  ready: /mosquitto version 2.0.11 running/,

  async ask(server, built) {
    const clients = await Clients.of(built, server);
    const answers: string[] = [];
    const run = async (...[name, words, input]: Parameters<Clients['run']>): Promise<void> => {
      answers.push(await clients.run(name, words, input));
    };
    // Retained messages, and how they go.
    for (const qos of [0, 1, 2]) await run('mosquitto_pub', `-r -q ${qos} -t house/${qos} -m kept-${qos}`);
    await run('mosquitto_pub', '-t house/gone -m not-kept');
    await run('mosquitto_sub', `-q 2 -t house/# -C 3 -F %t:%q:%r:%p`);
    await run('mosquitto_pub', '-r -n -t house/1');
    await run('mosquitto_sub', '-q 1 -t house/+ --retained-only -C 2 -v');
    await run('mosquitto_sub', '-t $SYS/broker/version -C 1');
    // Those that a session kept while its client was away.
    await run('mosquitto_sub', '-i away -c -q 2 -t work/+/now -E');
    for (const qos of [0, 1, 2]) await run('mosquitto_pub', `-q ${qos} -t work/${qos}/now -m away-${qos}`);
    await run('mosquitto_sub', '-i away -c -q 2 -t work/+/now -C 2 -v');
    // Those that come while it is there, of each quality asked for and given.
    for (const wanted of [0, 1, 2]) {
      const subscriber = await clients.subscribe(`live-${wanted}`, `-q ${wanted} -t live/# -C 3 -F %t:%q:%p`);
      for (const qos of [0, 1, 2]) await run('mosquitto_pub', `-q ${qos} -t live/${qos} -m message`);
      answers.push(...(await subscriber.lines()));
    }
    // Properties of version 5.
    const properties = await clients.subscribe('five', '-V 5 -t five -C 1 -F %p:%P:%C:%E');
    await run(
      'mosquitto_pub',
      '-V 5 -q 1 -t five -m text -D publish user-property name value -D publish content-type a/b -D publish message-expiry-interval 60',
    );
    answers.push(...(await properties.lines()));
    // A client that vanishes has left a will; its session goes on when it is back.
    const heir = await clients.subscribe('heir', '-q 1 -t will -C 1 -v');
    const vanishing = await clients.subscribe(
      'vanishing',
      '-c -q 2 -t for/it --will-topic will --will-payload vanished --will-qos 1',
    );
    vanishing.running.kill('SIGKILL');
    await vanishing.running;
    answers.push(...(await heir.lines()));
    await run('mosquitto_pub', '-q 2 -t for/it -m later');
    await run('mosquitto_sub', '-i vanishing -c -q 2 -t for/it -C 1');
    // A large message; a topic that is not allowed; a session that is new.
    const large = await clients.subscribe('large', '-t large -C 1 -F %l');
    await run('mosquitto_pub', '-q 1 -t large -s', 'x'.repeat(500_000));
    answers.push(...(await large.lines()));
    await run('mosquitto_pub', '-t wrong/# -m text');
    await run('mosquitto_sub', '-i second -c -t again -E');
    return answers;
  },

  async load(server, _expected, built) {
    const clients = await Clients.of(built, server);
    const [senders, count] = [4, inForm(50, 200)];
    const round = rounds++;
    const lines = Array.from({ length: count }, (_, index) => `${index} ${'.'.repeat(index % 200)}`);
    const receivers = [];
    for (const qos of [0, 1, 2])
      receivers.push(await clients.subscribe(`load-${round}-${qos}`, `-q ${qos} -t load -C ${senders * count}`));
    // Connections that say half of what they want, and go.
    for (let index = 0; index < inForm(10, 50); index++) {
      const socket = connect({ port: server.port, host: '127.0.0.1' });
      await once(socket, 'connect');
      socket.write(Buffer.from([0x10, 0x20, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2].slice(0, 2 + (index % 9))));
      if (index % 2) socket.resetAndDestroy();
      else socket.destroy();
    }
    await Promise.all(
      Array.from({ length: senders }, async () => {
        const sent = await clients.run('mosquitto_pub', '-q 2 -t load -l', lines.join('\n'));
        assert.equal(sent, '-q 2 -t load -l: 0\n');
      }),
    );
    const all = Array.from({ length: senders }, () => lines)
      .flat()
      .sort();
    for (const receiver of receivers) assert.deepEqual((await receiver.lines()).sort(), all);
    // To the broker, and from it to each receiver.
    return (1 + receivers.length) * senders * count;
  },
});
