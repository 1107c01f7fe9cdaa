import { buildJourneys } from './build';
import { debugJourneys } from './debug';
import { depthJourneys } from './depth';
import type { Journey } from './journey';
import { machineJourneys } from './machine';
import { projectJourneys } from './project';
import { runJourneys } from './run';

/** In the order in which a person makes them. */
export const journeys: readonly Journey[] = [
  ...projectJourneys,
  ...buildJourneys,
  ...debugJourneys,
  ...depthJourneys,
  ...runJourneys,
  ...machineJourneys,
];
