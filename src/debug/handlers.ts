import { breakpointHandlers } from './breakpoints';
import { evaluateHandlers } from './evaluate';
import { memoryHandlers } from './memory';
import type { Handlers } from './requests';
import { stackHandlers } from './stack';
import { steppingHandlers } from './stepping';
import { variableHandlers } from './variables';

/** Who answers which request about the guest. */
export const handlers = {
  ...breakpointHandlers,
  ...evaluateHandlers,
  ...memoryHandlers,
  ...stackHandlers,
  ...steppingHandlers,
  ...variableHandlers,
} satisfies Handlers;
