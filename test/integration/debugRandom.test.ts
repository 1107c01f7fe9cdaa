import fc from 'fast-check';
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { before, describe, it } from 'mocha';
import { findTarget } from '../../src/targets';
import { DebugAdapter } from './debugAdapter';
import { inForm, isLong } from '../form';
import { buildKernel, kernelSource, lineOf, type Kernel } from './kernel';
import { descendants, waitUntilGone } from './processes';

/** At most so many sequences of requests on each architecture, and from which seed: RANDOM_RUNS, RANDOM_SEED. */
const runs = Number(process.env['RANDOM_RUNS'] ?? inForm(500, 1000));
const seed = Number(process.env['RANDOM_SEED'] ?? Date.now() % 2 ** 31);

/** Milliseconds after which no more sequences begin. */
const timeLimit = runs * inForm(60, 1000);

/** Milliseconds in which a request has to be answered. */
const answerLimit = 20_000;

interface Step {
  readonly command: string;
  readonly args: object;
  /** False: the next request is sent at once. */
  readonly waits: boolean;
}

const tags = ['square', 'loop', 'hello', 'spin', 'bye', 'return'];
const thread = fc.oneof({ weight: 9, arbitrary: fc.constant(1) }, { weight: 1, arbitrary: fc.integer() });
const address = fc.constantFrom('0x100000', '0x40200000', '0x0', '0xffffffffffffffff', '0xffff800000000000', 'none');
const small = fc.integer({ min: -20, max: 200 });
const expression = fc.constantFrom(
  ...['total', 'spin', 'where', '&where', 'numbers', 'square(3)', 'i++', 'nothing', '1/0', '*(int *)0', '"', ''],
  ...['> info registers', '> step', '> next', '> frame 1', '> nonsense', '> print where', '> continue'],
);

const argumentsOf: Readonly<Record<string, fc.Arbitrary<object>>> = {
  continue: fc.record({ threadId: thread }),
  next: fc.record({ threadId: thread, granularity: fc.constantFrom('statement', 'line', 'instruction') }),
  stepIn: fc.record({ threadId: thread, granularity: fc.constantFrom('statement', 'instruction') }),
  stepOut: fc.record({ threadId: thread }),
  pause: fc.record({ threadId: thread }),
  threads: fc.constant({}),
  stackTrace: fc.record({ threadId: thread, startFrame: small, levels: small }),
  scopes: fc.record({ frameId: fc.constantFrom(1000, 1001, 1064, 0, -1) }),
  variables: fc.record({ variablesReference: fc.integer({ min: 0, max: 60 }), start: small, count: small }),
  setVariable: fc.record({
    variablesReference: fc.integer({ min: 0, max: 60 }),
    name: fc.constantFrom('total', 'i', 'x', 'nothing'),
    value: fc.constantFrom('1', 'where', '{'),
  }),
  evaluate: fc.record({ expression, frameId: fc.constantFrom(1000, 1001), context: fc.constantFrom('repl', 'hover') }),
  setBreakpoints: fc.record({
    source: fc.constant({ path: kernelSource }),
    breakpoints: fc.array(
      fc.record(
        {
          line: fc.oneof(fc.constantFrom(...tags.map((tag) => lineOf(tag))), small),
          condition: fc.constantFrom('total > 3', 'nothing', '('),
          hitCondition: fc.constantFrom('2', '>3', 'x'),
          logMessage: fc.constantFrom('total is {total}', '{'),
        },
        { requiredKeys: ['line'] },
      ),
      { maxLength: 3 },
    ),
  }),
  setFunctionBreakpoints: fc.record({
    breakpoints: fc.subarray([{ name: 'square' }, { name: 'nothing' }, { name: '' }]),
  }),
  setInstructionBreakpoints: fc.record({
    breakpoints: fc.array(fc.record({ instructionReference: address }), { maxLength: 2 }),
  }),
  readMemory: fc.record({ memoryReference: address, offset: small, count: small }),
  disassemble: fc.record({ memoryReference: address, instructionOffset: small, instructionCount: small }),
  cancel: fc.record({ requestId: fc.integer({ min: 1, max: 500 }) }),
  nonsense: fc.constant({}),
};

const sensible = fc.constantFrom(...Object.keys(argumentsOf)).chain((command) =>
  fc.record({
    command: fc.constant(command),
    args: argumentsOf[command] ?? fc.constant({}),
    waits: fc.boolean(),
  }),
);
const senseless = fc.record({
  command: fc.constantFrom(...Object.keys(argumentsOf)),
  args: fc.dictionary(fc.constantFrom('threadId', 'source', 'breakpoints', 'count', 'frameId'), fc.jsonValue()),
  waits: fc.boolean(),
});
const restart = fc.constant({ command: 'restart', args: {}, waits: true });
const sequence: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof({ weight: 90, arbitrary: sensible }, { weight: 9, arbitrary: senseless }, { weight: 1, arbitrary: restart }),
  { minLength: 1, maxLength: 8 },
);

for (const id of ['x86_64-microvm', 'aarch64-virt']) {
  describe(`a debug session on ${id}`, function () {
    this.timeout(timeLimit + 60_000);
    let spinning: Kernel;
    let adapter: DebugAdapter | undefined;

    before(async () => {
      spinning = await buildKernel(findTarget(id)!.architecture, 'SPIN=1');
    });

    const session = async (): Promise<DebugAdapter> => {
      if (adapter !== undefined) return adapter;
      const started = await DebugAdapter.start();
      await started.launchGuest({ target: id, kernel: spinning.image }, () => started.breakAt(['loop']));
      started.once('terminated', () => (adapter = undefined));
      adapter = started;
      return started;
    };

    /** Either answer will do; none will not. */
    const answer = async (client: DebugAdapter, { command, args }: Step): Promise<void> => {
      const limit = new AbortController();
      const late = delay(answerLimit, undefined, { signal: limit.signal }).then(
        () => assert.fail(`no answer to ${command} ${JSON.stringify(args)}`),
        () => undefined,
      );
      const answered = client.customRequest(command, args).catch(() => undefined);
      await Promise.race([answered, late]);
      limit.abort();
    };

    it(`answers whatever it is asked, and leaves nothing behind (up to ${runs} times, seed ${seed})`, async () => {
      let opened: DebugAdapter | undefined;
      let sequences = 0;
      const close = async (): Promise<void> => {
        if (opened === undefined) return;
        const names = ['qemu-system-', 'gdb'];
        const processes = await Promise.all(names.map((name) => descendants(opened?.pid ?? 0, name)));
        await opened.stop();
        await waitUntilGone(processes.flat());
      };
      try {
        await fc.assert(
          fc.asyncProperty(sequence, async (steps) => {
            const client = await session();
            if (client !== opened) await close();
            opened = client;
            const answers: Promise<void>[] = [];
            for (const step of steps) {
              answers.push(answer(client, step));
              if (step.waits) await Promise.all(answers);
            }
            await Promise.all(answers);
            sequences++;
            assert.deepEqual(client.wire.problems, []);
          }),
          // The session remembers what came before: a shorter sequence would not show the same.
          { numRuns: runs, seed, endOnFailure: true, interruptAfterTimeLimit: timeLimit },
        );
      } finally {
        await close();
      }
      assert.ok(sequences >= inForm(5, runs), `only ${sequences} sequences in ${timeLimit} ms`);
      if (isLong || process.env['RANDOM_RUNS']) console.log(`      ${sequences} sequences`);
    });
  });
}
