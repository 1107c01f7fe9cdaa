import { breakpointHandlers } from './breakpoints';
import { evaluateHandlers } from './evaluate';
import { executionHandlers } from './execution';
import { memoryHandlers } from './memory';
import type { Handlers } from './requests';
import { stackHandlers } from './stack';
import { threadHandlers } from './threads';
import { variableHandlers } from './variables';

/** Who answers which request about the guest. */
export const handlers = {
  ...breakpointHandlers,
  ...evaluateHandlers,
  ...executionHandlers,
  ...memoryHandlers,
  ...stackHandlers,
  ...threadHandlers,
  ...variableHandlers,
} satisfies Handlers;
