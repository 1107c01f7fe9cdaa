import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import { inForm } from '../form';

/** How long a program is kept under load, after how long its memory is first looked at, and at least how often, in the form that runs. */
const { seconds, warmUp, least } = inForm({ seconds: 0, warmUp: 0, least: 2 }, { seconds: 60, warmUp: 10, least: 6 });

/** How long one round of a load of a given duration lasts, in seconds. */
export const roundSeconds = inForm(1, 3);

/** What is over is given back after a moment, when the threads that had it have run. */
const rest = 200;

/**
 * What an allocator keeps for next time, in pages, which differs from one round to the next: 256 KiB. The short form begins before the
 * first connections that are over give theirs back, two seconds after.
 */
const keptByAllocator = inForm(512, 64);
/** A collector's heap grows until it is worth to collect: 8 MiB in the few rounds of the short form, and by 2 MiB now and then after. */
export const keptByCollector = inForm(2048, 512);
/** One page lost in so many requests is found: half of that is allowed. */
const requestsOfPage = 100;

/** The guest's memory after one round of its load. */
export interface Sample {
  /** All requests until then. */
  readonly requests: number;
  /** In pages. */
  readonly free: number;
}

/** Fails where the memory of the last rounds is less than that of the first: the most that was free in a third of them counts. */
export function assertFlat(samples: readonly Sample[], kept = keptByAllocator): void {
  const third = Math.ceil(samples.length / 3);
  const most = (some: readonly Sample[]): number => Math.max(...some.map(({ free }) => free));
  const lost = most(samples.slice(0, third)) - most(samples.slice(-third));
  const requests = samples.at(-1)!.requests - samples[third - 1]!.requests;
  const described = samples.map(({ requests, free }) => `${free} pages free after ${requests} requests`).join('\n');
  assert.ok(lost <= kept + requests / (2 * requestsOfPage), `${lost} pages are lost:\n${described}`);
}

/**
 * Keeps a program under load, in rounds, each of which says how many requests were answered rightly; at least so many in the long form.
 * Between the rounds, when nothing is asked, the guest's free memory is looked at, and has to stay the same.
 */
export async function keepUnderLoad(
  title: string,
  freePages: () => Promise<number>,
  round: () => Promise<number>,
  { requestsAtLeast = 0, kept = keptByAllocator } = {},
): Promise<void> {
  const samples: Sample[] = [];
  const started = Date.now();
  const passed = (): number => (Date.now() - started) / 1000;
  let requests = 0;
  const enough = (): boolean =>
    samples.length >= least && passed() >= warmUp + seconds && requests >= inForm(0, requestsAtLeast);
  do {
    requests += await round();
    await setTimeout(rest);
    if (passed() >= warmUp) samples.push({ requests, free: await freePages() });
  } while (!enough());
  assertFlat(samples, kept);
  const free = samples.map((sample) => sample.free);
  if (seconds > 0)
    console.log(`${title}: ${requests} requests in ${passed().toFixed(0)} s, pages free: ${free.join(' ')}`);
}
