import { breakpointHandlers } from './breakpoints';
import { crashHandlers } from './crash';
import { evaluateHandlers } from './evaluate';
import { executionHandlers } from './execution';
import { historyHandlers } from './history';
import { machineHandlers } from './machine';
import { memoryHandlers } from './memory';
import type { Handlers } from './requests';
import { stackHandlers } from './stack';
import { variableHandlers } from './variables';

/** Who answers which request about the guest. */
export const handlers = {
  ...breakpointHandlers,
  ...crashHandlers,
  ...evaluateHandlers,
  ...executionHandlers,
  ...historyHandlers,
  ...machineHandlers,
  ...memoryHandlers,
  ...stackHandlers,
  ...variableHandlers,
} satisfies Handlers;
