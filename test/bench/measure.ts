/** What a figure may be at most: a value, so many times its reference, or so much more than that; or how many times that it is at least. */
export type Limit =
  { readonly value: number } | { readonly ratio: number } | { readonly more: number } | { readonly leastRatio: number };

/** One of the figures that the bench measures. */
export interface Measurement {
  /** Such as `boot-aarch64-virt`; --only chooses by how it begins. */
  readonly name: string;
  readonly unit: 'ms' | 'ns' | 'bytes' | 'kB' | 'MB/s' | 'requests/s';
  /** Absent where the figure only informs. */
  readonly limit?: Limit;
  /** How often; 1 for what is the same each time. */
  readonly repetitions: number;
  /** Makes ready what is measured; that takes no part in the figure. */
  prepare(): Promise<Samples>;
}

/** Gives one value at each call. */
export interface Samples {
  readonly value: () => Promise<number>;
  /** The floor or the peer, measured in turn with the value so that both meet the same load. */
  readonly reference?: () => Promise<number>;
  readonly end?: () => Promise<void>;
}

/** A measured figure, as --json writes it. */
export interface Figure {
  readonly name: string;
  readonly unit: string;
  /** The median. */
  readonly value: number;
  readonly min: number;
  readonly max: number;
  /** The reference's median. */
  readonly reference: number | null;
  readonly ratio: number | null;
  /** In the figure's unit. */
  readonly limit: number | null;
  /** Whether the figure is to be at least that, and not at most. */
  readonly least: boolean;
  readonly holds: boolean | null;
}

/** On a busy machine a measurement ends after so many milliseconds, but not before it has some values. */
const timeLimit = 12_000;
const fewest = 3;

/** Measures once without counting, then as often as it asks for. */
export async function measure(measurement: Measurement): Promise<Figure> {
  const { repetitions } = measurement;
  const { value, reference, end } = await measurement.prepare();
  const values: number[] = [];
  const references: number[] = [];
  const takeValue = async (): Promise<unknown> => values.push(await value());
  const takeReference = async (): Promise<unknown> => reference && references.push(await reference());
  try {
    if (repetitions > 1) {
      await value();
      await reference?.();
    }
    const start = performance.now();
    for (let done = 0; done < repetitions; done += 1) {
      if (done >= fewest && performance.now() - start > timeLimit) break;
      // Neither is always the one that finds caches warm.
      const turns = done % 2 === 0 ? [takeValue, takeReference] : [takeReference, takeValue];
      for (const take of turns) await take();
    }
  } finally {
    await end?.();
  }
  return summarize(measurement, values, references);
}

function summarize({ name, unit, limit }: Measurement, values: number[], references: number[]): Figure {
  const value = round(median(values));
  const reference = references.length === 0 ? null : round(median(references));
  const ratio = reference === null ? null : Math.round((100 * value) / reference) / 100;
  const bound = limit === undefined ? null : boundOf(limit, reference ?? NaN);
  const least = limit !== undefined && 'leastRatio' in limit;
  return {
    ...{ name, unit, value, min: round(Math.min(...values)), max: round(Math.max(...values)) },
    ...{
      reference,
      ratio,
      limit: bound,
      least,
      holds: bound === null ? null : least ? value >= bound : value <= bound,
    },
  };
}

/** The limit in the figure's own unit. */
function boundOf(limit: Limit, reference: number): number {
  if ('value' in limit) return limit.value;
  if ('more' in limit) return round(reference + limit.more);
  return round(reference * ('ratio' in limit ? limit.ratio : limit.leastRatio));
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.floor(middle)] ?? NaN) + (sorted[Math.ceil(middle) - 1] ?? NaN)) / 2;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

/** How many milliseconds something takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
