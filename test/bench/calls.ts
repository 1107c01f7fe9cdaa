import { join } from 'node:path';
import type { Target } from '../../src/targets';
import type { Guest } from './guest';
import type { Measurement } from './measure';
import { compileSource, peersOf, peerTargets } from './peers';
import type { Projects } from './projects';

const names = ['getpid', 'clock_gettime', 'futex-wake', 'thread-switch'];

/** A guest's lines of figures: each boot prints all of them, so that the measurements of the others read it, too. */
class Lines {
  private readonly lines: Promise<string>[] = [];

  constructor(private readonly guest: Promise<Guest>) {}

  /** Gives at each call what the next boot says of that name: `getpid 300.5 clock_gettime …`. */
  values(name: string): () => Promise<number> {
    let next = 0;
    return async () => {
      const words = (await (this.lines[next++] ??= this.boot())).split(' ');
      return Number(words[words.indexOf(name) + 1]);
    };
  }

  private async boot(): Promise<string> {
    const running = await (await this.guest).start(/getpid .*\r?\n/);
    await running.end();
    return /getpid .*/.exec(running.text)![0];
  }
}

/** What single calls take in a guest, beside the same program on Linux. */
export function callMeasurements(projects: Projects): Measurement[] {
  return peerTargets.flatMap((target) => {
    let both: { readonly ours: Lines; readonly linux: Lines } | undefined;
    return names.map((name): Measurement => ({
      name: `${name}-${target.id}`,
      unit: 'ns',
      limit: { ratio: 1 },
      repetitions: 5,
      prepare: () => {
        both ??= linesOf(projects, target);
        return Promise.resolve({ value: both.ours.values(name), reference: both.linux.values(name) });
      },
    }));
  });
}

function linesOf(projects: Projects, target: Target) {
  const peers = peersOf(projects, target, { name: 'calls', compile: compileSource(join(__dirname, 'calls.c')) });
  return { ours: new Lines(peers.then(({ ours }) => ours)), linux: new Lines(peers.then(({ linux }) => linux)) };
}
