import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { listCandidates } from '../../src/toolchain/docker/connection';

describe('where container engines are looked for', () => {
  let home: string;
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'unikernel-home-'));
  });
  afterEach(() => rm(home, { recursive: true }));

  /** Makes a docker context, as `docker context create` does, and uses it. */
  async function useContext(name: string, host: string, withTls: boolean): Promise<void> {
    const id = createHash('sha256').update(name).digest('hex');
    const [meta, tls] = [join(home, '.docker/contexts/meta', id), join(home, '.docker/contexts/tls', id, 'docker')];
    await mkdir(meta, { recursive: true });
    await writeFile(join(meta, 'meta.json'), JSON.stringify({ Name: name, Endpoints: { docker: { Host: host } } }));
    if (withTls) {
      await mkdir(tls, { recursive: true });
      await Promise.all(['ca', 'cert', 'key'].map((file) => writeFile(join(tls, `${file}.pem`), file)));
    }
    await writeFile(join(home, '.docker/config.json'), JSON.stringify({ currentContext: name }));
  }

  it('are the usual sockets, the rootless ones and podman among them', () => {
    const found = listCandidates({ HOME: home, XDG_RUNTIME_DIR: '/run/user/7' }).map(
      ({ options }) => options.socketPath,
    );
    for (const socket of ['/var/run/docker.sock', '/run/user/7/docker.sock', '/run/user/7/podman/podman.sock']) {
      assert.ok(found.includes(socket), `${socket} in ${found.join(', ')}`);
    }
  });

  it('is what DOCKER_HOST says, and nothing else', () => {
    const options = (host: string): unknown =>
      listCandidates({ HOME: home, DOCKER_HOST: host }).map((each) => each.options);
    assert.deepEqual(options('unix:///a/b.sock'), [{ socketPath: '/a/b.sock' }]);
    assert.deepEqual(options('tcp://machine:99'), [{ protocol: 'http', host: 'machine', port: '99' }]);
    assert.deepEqual(options('machine'), [{ protocol: 'http', host: 'machine', port: 2375 }]);
    assert.deepEqual(options('ssh://me@machine'), [{ protocol: 'ssh', host: 'machine', port: 22, username: 'me' }]);
  });

  it('is the docker context in use, with its certificates', async () => {
    await useContext('far', 'tcp://far:2376', true);
    const [context, ...others] = listCandidates({ HOME: home });
    assert.deepEqual(others, []);
    assert.match(context!.description, /docker context far/);
    const { protocol, host, port, ca, cert, key } = context!.options;
    const contents = [ca, cert, key].map(String);
    assert.deepEqual([protocol, host, port, ...contents], ['https', 'far', '2376', 'ca', 'cert', 'key']);
  });

  it('is DOCKER_HOST before the context, and an error where the context is damaged', async () => {
    await useContext('near', 'unix:///near.sock', false);
    assert.deepEqual(listCandidates({ HOME: home })[0]?.options, { socketPath: '/near.sock' });
    assert.match(listCandidates({ HOME: home, DOCKER_HOST: 'unix:///x' })[0]!.description, /DOCKER_HOST/);
    assert.throws(() => listCandidates({ HOME: home, DOCKER_CONTEXT: 'gone' }), { code: 'engine.missing' });
  });
});
