import { once } from 'node:events';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Target } from '../../src/targets';
import { nginx, nginxConfiguration } from '../upstream/nginx';
import { buildForLinux, complete } from '../upstream/source';
import { benchTargets } from './boot';
import { BareQemu, Guest } from './guest';
import { timed, type Measurement, type Samples } from './measure';
import { compileSource, peersOf, peerTargets, type PeerProgram } from './peers';
import type { Projects } from './projects';

const port = 8080;
const streamSource = join(__dirname, 'stream.c');
/** What `stream.c` sends, and is sent. */
const streamBytes = 64 << 20;
const piece = Buffer.alloc(1 << 20);
const [connections, requests] = [50, 3000];

/** What the network of a guest does, beside the same program on Linux, through QEMU's user-mode network. */
export function networkMeasurements(projects: Projects): Measurement[] {
  let server: Promise<PeerProgram> | undefined;
  const stream: PeerProgram = { name: 'stream', compile: compileSource(streamSource), network: true };
  return peerTargets.flatMap((target): Measurement[] => {
    const common = { limit: { leastRatio: 1 }, repetitions: 7 } as const;
    const streams = (use: (port: number) => Promise<number>) => () =>
      serving(projects, target, stream, /listening/, use);
    return [
      { ...common, name: `tcp-out-${target.id}`, unit: 'MB/s', prepare: streams(receiveStream) },
      { ...common, name: `tcp-in-${target.id}`, unit: 'MB/s', prepare: streams(sendStream) },
      {
        ...common,
        name: `nginx-${target.id}`,
        unit: 'requests/s',
        prepare: async () =>
          serving(
            projects,
            target,
            await (server ??= nginxProgram(projects)),
            /using the "epoll" event method/,
            askOften,
          ),
      },
    ];
  });
}

/** From starting QEMU to the first byte of a server, beside the first line on the console. */
export function firstByteMeasurements(projects: Projects): Measurement[] {
  return benchTargets.map((target) => ({
    name: `first-byte-${target.id}`,
    unit: 'ms',
    limit: { more: 60 },
    repetitions: 25,
    prepare: async () => {
      const folder = await projects.folder();
      const server = await projects.get('stream-server', await readFile(streamSource, 'utf8'));
      const guest = await Guest.of(await server.artifact(target.architecture), target, folder);
      const { image } = await (await projects.get('hello')).artifact(target.architecture);
      const qemu = await BareQemu.find(target);
      return { value: () => firstByte(guest), reference: () => qemu.firstLine(image, folder) };
    },
  }));
}

async function firstByte(guest: Guest): Promise<number> {
  const running = await guest.serve(/listening/, port);
  const milliseconds = await timed(async () => {
    const socket = await open(running.port);
    socket.write('<');
    await once(socket, 'data');
    socket.destroy();
  });
  await running.end();
  return running.milliseconds + milliseconds;
}

/** Both guests of a server run while they are measured in turn: one that waits takes no time of the other. */
async function serving(
  projects: Projects,
  target: Target,
  program: PeerProgram,
  ready: RegExp,
  use: (port: number) => Promise<number>,
): Promise<Samples> {
  const guests = await peersOf(projects, target, program);
  const ours = await guests.ours.serve(ready, port);
  const linux = await guests.linux.serve(ready, port);
  return {
    value: () => use(ours.port),
    reference: () => use(linux.port),
    end: async () => {
      await Promise.all([ours.end(), linux.end()]);
    },
  };
}

async function open(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  return socket;
}

/** Megabytes a second that the guest sends. */
async function receiveStream(port: number): Promise<number> {
  const socket = await open(port);
  let received = 0;
  socket.on('data', (data: Buffer) => (received += data.length));
  const milliseconds = await timed(async () => {
    socket.write('<');
    await once(socket, 'end');
  });
  socket.destroy();
  if (received !== streamBytes) throw new Error(`The guest sent ${received} bytes.`);
  return streamBytes / 1000 / milliseconds;
}

/** Megabytes a second that the guest takes. */
async function sendStream(port: number): Promise<number> {
  const socket = await open(port);
  const milliseconds = await timed(async () => {
    const answer = once(socket, 'data');
    socket.write('>');
    for (let sent = 0; sent < streamBytes; sent += piece.length) if (!socket.write(piece)) await once(socket, 'drain');
    socket.end();
    await answer;
  });
  socket.destroy();
  return streamBytes / 1000 / milliseconds;
}

const request = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n';

/** Requests a second of connections that stay open, each of which asks anew when it has its answer. */
async function askOften(port: number): Promise<number> {
  const sockets: Socket[] = [];
  // One by one: QEMU lets no more than one wait.
  for (let count = 0; count < connections; count++) {
    const socket = await open(port);
    socket.once('end', () => socket.destroy(new Error('The server ended a connection.')));
    await askInTurn(socket, 1);
    sockets.push(socket);
  }
  const milliseconds = await timed(() =>
    Promise.all(sockets.map((socket) => askInTurn(socket, requests / connections))),
  );
  for (const socket of sockets) socket.destroy();
  return (requests / milliseconds) * 1000;
}

/** All answers are alike, and end with the page. */
async function askInTurn(socket: Socket, times: number): Promise<void> {
  for (let answered = 0; answered < times; answered++) {
    socket.write(request);
    let answer = '';
    while (!answer.endsWith(page)) {
      const [data] = (await once(socket, 'data')) as [Buffer];
      answer += data.toString('latin1');
    }
  }
}

const page = '<h1>It works</h1>\n';

/** The nginx of the tests. */
async function nginxProgram(projects: Projects): Promise<PeerProgram> {
  const folder = join(await projects.folder(), 'nginx-program');
  const files = join(folder, 'files');
  const { source, kept } = await complete(nginx);
  await mkdir(join(files, 'html'), { recursive: true });
  await symlink(source, join(folder, 'src'));
  await writeFile(join(files, 'nginx.conf'), nginxConfiguration(port));
  await writeFile(join(files, 'html', 'index.html'), page);
  return {
    name: 'nginx',
    compile: (compiler, output) => buildForLinux(compiler, kept, nginx, folder, output),
    files,
    words: ['-e', 'stderr', '-p', '.', '-c', 'nginx.conf'],
    network: true,
  };
}
