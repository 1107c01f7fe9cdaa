import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { withEngine } from '../../scripts/engine';
import { messageOf } from '../../src/errors';
import { bootMeasurements } from './boot';
import { callMeasurements } from './calls';
import { cleanBuildMeasurements, rebuildMeasurements, runMeasurements, unchangedMeasurement } from './build';
import { launchMeasurements, memoryMeasurement, nextMeasurements } from './debug';
import { extensionMeasurements } from './extension';
import { imageMeasurements } from './image';
import { measure, type Figure, type Measurement } from './measure';
import { firstByteMeasurements, networkMeasurements } from './network';
import { Projects } from './projects';
import { stopMeasurements } from './stops';
import { printHead, printRow } from './table';

/** Every measurement, in the order of the table. */
function measurementsOf(projects: Projects): Measurement[] {
  return [
    ...extensionMeasurements,
    ...imageMeasurements(projects),
    ...bootMeasurements(projects),
    ...firstByteMeasurements(projects),
    ...callMeasurements(projects),
    ...networkMeasurements(projects),
    ...launchMeasurements(projects),
    ...nextMeasurements(projects),
    ...stopMeasurements(projects),
    ...rebuildMeasurements(projects),
    ...cleanBuildMeasurements(projects),
    unchangedMeasurement(projects),
    ...runMeasurements(projects),
    memoryMeasurement(projects),
  ];
}

/** Measures what was asked for and prints it; only what cannot be measured makes it fail. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { json: { type: 'string' }, only: { type: 'string', default: '' }, yes: { type: 'boolean' } },
  });
  const projects = new Projects();
  const figures: Figure[] = [];
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => void projects.close().finally(() => process.exit(1)));
  }
  try {
    const chosen = measurementsOf(projects).filter(({ name }) => name.startsWith(values.only));
    if (chosen.length === 0) throw new Error(`No measurement begins with ${values.only}.`);
    printHead();
    for (const measurement of chosen) {
      try {
        const figure = await measure(measurement);
        figures.push(figure);
        printRow(figure);
      } catch (error) {
        console.error(`${measurement.name} could not be measured: ${messageOf(error)}`);
        process.exitCode = 1;
      }
    }
  } finally {
    await projects.close();
  }
  if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(figures, null, 2)}\n`);
}

void withEngine(main);
