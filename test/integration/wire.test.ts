import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { beforeEach, describe, it } from 'mocha';
import { readMessages, Wire } from './wire';

describe('checking the wire', () => {
  let wire: Wire;
  let last: number;

  const request = (seq: number, command: string, args: object = {}): void => {
    wire.sent({ seq, type: 'request', command, arguments: args });
  };
  const receive = (message: object): void => {
    wire.received({ seq: ++last, ...message } as Parameters<Wire['received']>[0]);
  };
  const event = (name: string, body?: object): void => {
    receive({ type: 'event', event: name, ...(body === undefined ? {} : { body }) });
  };
  const answer = (seq: number, command: string, body?: object): void => {
    receive({ type: 'response', request_seq: seq, command, success: true, ...(body === undefined ? {} : { body }) });
  };
  /** The problems since it was asked last, each without the message. */
  const problems = (): string[] => wire.problems.splice(0).map((problem) => problem.replace(/: \{"seq".*/, ''));

  beforeEach(() => {
    wire = new Wire();
    last = 0;
    request(1, 'initialize');
    answer(1, 'initialize', { supportsRestartRequest: true });
    assert.deepEqual(problems(), []);
  });

  it('finds what the types of the protocol do not allow', () => {
    event('stopped', { reason: 'pause', threadId: 1, hitBreakpointIds: [] });
    event('output', { output: 'text', category: 'console' });
    assert.deepEqual(problems(), []);
    event('output', { text: 'text' });
    assert.match(problems().join('\n'), /must have required property 'output'[^]*additional properties .*"text"/);
    event('memories');
    assert.deepEqual(problems(), ['the protocol has no MemoriesEvent']);
    request(2, 'threads');
    answer(2, 'threads', { threads: [{ id: 1.5, name: 'CPU' }] });
    assert.deepEqual(problems(), ['/body/threads/0/id is not an integer']);
    event('unikernel.guest', { anything: 1 });
    assert.deepEqual(problems(), []);
  });

  it('finds answers that nobody waits for', () => {
    request(2, 'next');
    assert.deepEqual([...wire.unanswered], [[2, 'next']]);
    answer(2, 'next');
    answer(2, 'next');
    answer(3, 'next');
    assert.deepEqual(problems(), ['the request was answered before', 'no such request was sent']);
    assert.deepEqual([...wire.unanswered], []);
  });

  it('finds a stop of which the client thinks that the guest stands already', () => {
    event('stopped', { reason: 'breakpoint' });
    request(2, 'next');
    event('stopped', { reason: 'step' });
    assert.deepEqual(problems(), ['the client was not told that the guest had gone on']);
    answer(2, 'next');
    event('stopped', { reason: 'step', hitBreakpointIds: [7] });
    assert.deepEqual(problems(), ['the client does not know the breakpoint 7']);
    event('continued', { threadId: 1 });
    event('stopped', { reason: 'step' });
    assert.deepEqual(problems(), []);
  });

  it('finds what comes after the end, and progress that is not told or does not end', () => {
    event('progressStart', { progressId: '1', title: 'Booting' });
    assert.deepEqual(problems(), ['the client does not support it']);
    event('terminated');
    assert.deepEqual(problems(), ['a progress has not ended']);
    event('exited', { exitCode: 0 });
    assert.deepEqual(problems(), []);
    event('output', { output: 'late' });
    event('terminated');
    assert.deepEqual(problems(), [
      'it comes after terminated',
      'it comes after terminated',
      'it comes twice',
      'a progress has not ended',
    ]);
  });

  it('reads messages, however they come in pieces', () => {
    const messages: unknown[] = [];
    const stream = new PassThrough();
    readMessages(stream, (message) => messages.push(message));
    // The é is two bytes.
    const text = Buffer.from('Content-Length: 12\r\n\r\n{"seq":"é"}Content-Length: 9\r\n\r\n{"seq":2}');
    for (const byte of text) stream.emit('data', Buffer.of(byte));
    assert.deepEqual(messages, [{ seq: 'é' }, { seq: 2 }]);
  });
});
