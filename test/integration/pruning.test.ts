import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import type { Artifact } from '../../src/build/artifact';
import { readArtifact } from '../../src/build/build';
import { readReport, type Report } from '../../src/build/report';
import { readElf } from '../../src/image/elf';
import { architectures, targets, type Architecture } from '../../src/targets';
import { boot, unikernel } from './unikernel';

/** From the program that needs least to the one that needs most. */
const programs = {
  returns: 'int main(void) { return 5; }\n',
  prints: '#include <stdio.h>\nint main(void) { puts("printed"); return 5; }\n',
  readsFiles: `#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>
int main(void)
{
    char byte;
    printf("printed %d\\n", time(NULL) > 0);
    usleep(1);
    int file = open("/none", O_RDONLY);
    return file == -1 && read(file, &byte, 1) == -1 ? 5 : 6;
}
`,
  pipes: `#include <unistd.h>
int main(void)
{
    int ends[2];
    char byte = 5;
    return pipe(ends) || write(ends[1], &byte, 1) != 1 || read(ends[0], &byte, 1) != 1 ? 6 : byte;
}
`,
  pairs: `#include <sys/socket.h>
#include <unistd.h>
int main(void)
{
    int ends[2];
    char byte = 5;
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) || send(ends[0], &byte, 1, 0) != 1 || shutdown(ends[0], SHUT_WR))
        return 6;
    return recv(ends[1], &byte, 1, 0) == 1 && recv(ends[1], &byte, 1, 0) == 0 ? byte : 7;
}
`,
  names: `#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
int main(void)
{
    const struct sockaddr_un name = {AF_UNIX, "/tmp/socket"};
    int listener = socket(AF_UNIX, SOCK_STREAM, 0), client = socket(AF_UNIX, SOCK_STREAM, 0);
    char byte = 5;
    if (bind(listener, (const struct sockaddr *)&name, sizeof name) || listen(listener, 1))
        return 6;
    if (connect(client, (const struct sockaddr *)&name, sizeof name) || write(client, &byte, 1) != 1)
        return 7;
    return read(accept(listener, NULL, NULL), &byte, 1) == 1 ? byte : 8;
}
`,
  sends: `#include <netinet/in.h>
#include <sys/socket.h>
int main(void)
{
    struct sockaddr_in place = {.sin_family = AF_INET, .sin_port = 0x1234};
    int receiver = socket(AF_INET, SOCK_DGRAM, 0), sender = socket(AF_INET, SOCK_DGRAM, 0);
    char byte = 5;
    place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(receiver, (struct sockaddr *)&place, sizeof place))
        return 6;
    if (sendto(sender, &byte, 1, 0, (struct sockaddr *)&place, sizeof place) != 1)
        return 7;
    return recv(receiver, &byte, 1, 0) == 1 ? byte : 8;
}
`,
  listens: `#include <netinet/in.h>
#include <sys/socket.h>
int main(void)
{
    struct sockaddr_in place = {.sin_family = AF_INET, .sin_port = 0x1234};
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return bind(listener, (struct sockaddr *)&place, sizeof place) || listen(listener, 1) ? 6 : 5;
}
`,
  becomes: `#include <unistd.h>
int main(void)
{
    return setgid(getgid()) || setuid(getuid()) ? 6 : 5;
}
`,
  locks: `#include <pthread.h>
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static int state = 6;
static void *change(void *argument)
{
    pthread_mutex_lock(&mutex);
    state = 5;
    pthread_mutex_unlock(&mutex);
    return argument;
}
int main(void)
{
    pthread_t thread;
    pthread_mutex_lock(&mutex);
    if (pthread_create(&thread, NULL, change, NULL))
        return 7;
    pthread_mutex_unlock(&mutex);
    pthread_join(thread, NULL);
    return state;
}
`,
  inherits: `#include <pthread.h>
int main(void)
{
    pthread_mutexattr_t attributes;
    pthread_mutex_t mutex;
    if (pthread_mutexattr_init(&attributes) || pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_INHERIT))
        return 6;
    pthread_mutex_init(&mutex, &attributes);
    return pthread_mutex_lock(&mutex) || pthread_mutex_unlock(&mutex) ? 7 : 5;
}
`,
  shares: `#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/shm.h>
int main(void)
{
    int descriptor = shmget(IPC_PRIVATE, 4096, 0600);
    printf("%d %s %d\\n", descriptor, strerror(errno), errno == ENOSYS);
    return 5;
}
`,
};
type Program = keyof typeof programs;

interface Built {
  readonly artifact: Artifact;
  readonly report: Report;
  /** The handlers that are in the image, without their prefix. */
  readonly handlers: readonly string[];
  /** What the library OS takes of the image. */
  readonly bytes: number;
}

describe('pruning', function () {
  this.timeout(300_000);
  let parent: string;
  const folder = (program: Program): string => join(parent, program);
  const builds = new Map<string, Built>();

  async function readBuilt(program: Program, architecture: Architecture): Promise<Built> {
    const artifact = await readArtifact(folder(program), architecture);
    const { symbols } = await readElf(artifact.symbols);
    const report = await readReport(artifact.report);
    return {
      artifact,
      report,
      handlers: symbols.flatMap(({ name }) => /^libos_sys_(.*)$/.exec(name)?.[1] ?? []).sort(),
      bytes: report.features.reduce((sum, { bytes }) => sum + bytes, 0),
    };
  }
  function built(program: Program, architecture: Architecture): Built {
    return builds.get(`${program} ${architecture}`)!;
  }

  before(async () => {
    parent = await mkdtemp(join(tmpdir(), 'unikernel-pruning-'));
    for (const [program, source] of Object.entries(programs) as [Program, string][]) {
      const created = await unikernel(parent, 'new', 'c-hello', program);
      assert.equal(created.exitCode, 0, created.stderr);
      await writeFile(join(folder(program), 'src', 'main.c'), source);
      const { exitCode, stderr } = await unikernel(folder(program), 'build');
      assert.equal(exitCode, 0, stderr);
      for (const architecture of architectures)
        builds.set(`${program} ${architecture}`, await readBuilt(program, architecture));
    }
  });
  after(async () => {
    for (const program of Object.keys(programs) as Program[]) await unikernel(folder(program), 'clean');
    await rm(parent, { recursive: true });
  });

  for (const architecture of architectures) {
    it(`leaves out of an image what the program cannot call on ${architecture}`, () => {
      const { handlers } = built('returns', architecture);
      assert.ok(handlers.includes('exit_group'), handlers.join(' '));
      for (const name of [
        'write',
        'writev',
        'read',
        'nanosleep',
        'clock_gettime',
        'brk',
        'mremap',
        'ioctl',
        'getrandom',
      ])
        assert.ok(!handlers.includes(name), `${name} is in ${handlers.join(' ')}`);
      const sleeping = built('readsFiles', architecture).handlers;
      for (const name of ['read', 'clock_gettime']) assert.ok(sleeping.includes(name), sleeping.join(' '));
    });

    it(`links fewer handlers and fewer bytes for a program that calls less on ${architecture}`, () => {
      const [returns, prints, readsFiles] = (['returns', 'prints', 'readsFiles'] as const).map((program) =>
        built(program, architecture),
      ) as [Built, Built, Built];
      for (const [less, more] of [
        [returns, prints],
        [prints, readsFiles],
      ] as const) {
        assert.ok(less.report.systemCalls.handlersLinked < more.report.systemCalls.handlersLinked);
        assert.ok(less.handlers.length < more.handlers.length);
        assert.ok(less.report.imageBytes < more.report.imageBytes);
        assert.ok(less.bytes < more.bytes);
      }
    });

    it(`links files, pipes and readiness only for a program that has them on ${architecture}`, () => {
      const features = (program: Program): string[] =>
        built(program, architecture).report.features.map(({ name }) => name);
      const lacks = (program: Program, pattern: RegExp): void => {
        assert.deepEqual(
          features(program).filter((name) => pattern.test(name)),
          [],
        );
      };
      lacks('prints', /^fs\/|pipe|channel|epoll|poll|eventfd|timerfd|descriptor_add|syscalls\/read$/);
      lacks('readsFiles', /pipe|channel|epoll|poll|eventfd|timerfd|locks|file_gone|fifo/);
      lacks('pipes', /^fs\/|epoll|poll|eventfd|timerfd/);
      lacks('pairs', /^net\/|lwip|tcp|udp|card|local_/);
      lacks('names', /^net\/|lwip|tcp|udp|card|local_control/);
      lacks('sends', /^fs\/|local|static_address|tcp|lwip$/);
      lacks('listens', /^fs\/|local|udp|icmp_errors|static_address/);
      lacks('locks', /futex_pi/);
      assert.ok(features('inherits').includes('syscalls/futex_pi'), features('inherits').join(' '));
      assert.ok(features('names').includes('syscalls/local_named'), features('names').join(' '));
      assert.ok(features('sends').includes('net/udp'), features('sends').join(' '));
      assert.ok(features('listens').includes('net/tcp'), features('listens').join(' '));
      assert.ok(features('readsFiles').includes('fs/walk'), features('readsFiles').join(' '));
      assert.ok(features('pipes').includes('syscalls/pipe'), features('pipes').join(' '));
    });

    it(`has a network card only for a program with sockets of the network on ${architecture}`, () => {
      const withCard = (Object.keys(programs) as Program[]).filter(
        (program) => built(program, architecture).artifact.network,
      );
      assert.deepEqual(withCard, ['sends', 'listens']);
    });

    it(`finds what musl has every thread call on ${architecture}`, () => {
      const { handlers } = built('becomes', architecture);
      for (const name of ['setuid', 'setgid']) assert.ok(handlers.includes(name), handlers.join(' '));
    });

    it(`reports the handlers that are in the image on ${architecture}`, () => {
      for (const program of Object.keys(programs) as Program[]) {
        const { report, handlers } = built(program, architecture);
        const { reached, missing, handlersLinked } = report.systemCalls;
        const expected = reached.filter((name) => !missing.includes(name));
        assert.equal(handlersLinked, expected.length);
        // one handler may be done by another: writev by write
        for (const name of expected) assert.ok(handlers.includes(name), `${name} is not in ${handlers.join(' ')}`);
      }
    });
  }

  for (const target of targets) {
    it(`names a call without a handler, which answers ENOSYS on ${target.id}`, async () => {
      const { missing } = built('shares', target.architecture).report.systemCalls;
      assert.ok(missing.includes('shmget'), missing.join(' '));
      const { output, status } = await boot(folder('shares'), target);
      assert.equal(output, '-1 Function not implemented 1\n');
      assert.equal(status, 5);
    });

    for (const program of [
      'returns',
      'pipes',
      'pairs',
      'names',
      'sends',
      'listens',
      'becomes',
      'locks',
      'inherits',
    ] as const)
      it(`boots the program that ${program} on ${target.id}`, async () => {
        assert.deepEqual(await boot(folder(program), target), { output: '', status: 5, reason: 'exited' });
      });
  }
});
