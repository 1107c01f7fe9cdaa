import assert from 'node:assert/strict';
import { Agent, request, type IncomingMessage, type RequestOptions } from 'node:http';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nginx, nginxConfiguration } from './nginx';
import { describeServer } from './server';
import { askByWrk } from './wrk';

const page = '<h1>It works</h1>\n';

/** So that a byte in the wrong place is seen. */
const large = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7919) >> 3));

/** What is asked for, and what of the answer does not depend on the time of the build. */
const asked: (RequestOptions & { body?: string })[] = [
  { path: '/' },
  { path: '/data.json' },
  { path: '/large' },
  { path: '/large', headers: { range: 'bytes=1000-1999,299990-' } },
  { path: '/large', headers: { range: 'bytes=250000-' } },
  { path: '/large', headers: { range: 'bytes=400000-' } },
  { path: '/large', method: 'HEAD' },
  { path: '/none' },
  { path: '/old' },
  { path: '/list' },
  { path: '/proxy/data.json' },
  { path: '/../../etc/passwd' },
  { path: '/', method: 'POST', body: 'x'.repeat(20_000) },
  { path: '/', headers: { 'if-modified-since': 'Fri, 01 Jan 2100 00:00:00 GMT' } },
];

async function get(agent: Agent, port: number, { body = '', ...options }: (typeof asked)[number]): Promise<string> {
  const response = await new Promise<IncomingMessage>((answered, failed) => {
    request({ agent, port, host: '127.0.0.1', ...options }, answered)
      .on('error', failed)
      .end(body);
  });
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part as Buffer);
  const kept = ['content-type', 'content-length', 'content-range', 'location', 'allow'];
  const headers = kept.map((name) => `${name}: ${String(response.headers[name]).replace(/boundary=\d+|:\d+/, '')}`);
  const content = Buffer.concat(parts)
    .toString('latin1')
    .replaceAll(/--\d{20}/g, '--boundary');
  return [response.statusCode, ...headers, content].join('\n');
}

/** One after the other on a connection that stays open. */
async function getAll(port: number): Promise<string[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const answers: string[] = [];
  for (const each of asked) answers.push(await get(agent, port, each));
  agent.destroy();
  const statuses = answers.map((answer) => answer.split('\n')[0]);
  assert.deepEqual(statuses, '200 200 200 206 206 416 200 404 404 301 200 400 405 304'.split(' '));
  return answers;
}

describeServer({
  title: 'nginx',
  program: {
    ...nginx,
    name: 'nginx',
    project: { memory: '16M', optimize: 'none' },
    files: {
      'nginx.conf': nginxConfiguration(8080),
      'html/index.html': page,
      'html/data.json': '{"a": 1}\n',
      'html/list/one': '1',
      'html/large': large,
    },
  },
  port: 8080,
  async words(port, folder) {
    await writeFile(join(folder, 'nginx.conf'), nginxConfiguration(port));
    return ['-e', 'stderr', '-p', '.', '-c', 'nginx.conf'];
  },
  ready: /using the "epoll" event method/,

  ask: ({ port }) => getAll(port),

  requestsAtLeast: 100_000,

  async load({ port }, expected) {
    const some = Array.from({ length: 10 }, () => getAll(port));
    const answers = await askByWrk(port, '/', page);
    for (const all of await Promise.all(some)) assert.deepEqual(all, expected);
    return answers + some.length * asked.length;
  },
});
