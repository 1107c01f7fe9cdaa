import { breakpointHandlers } from './breakpoints';
import { completionHandlers } from './completions';
import { evaluateHandlers } from './evaluate';
import { executionHandlers } from './execution';
import { memoryHandlers } from './memory';
import type { Handlers } from './requests';
import { scopeHandlers } from './scopes';
import { stackHandlers } from './stack';
import { variableHandlers } from './variables';

/** Who answers which request about the guest. */
export const handlers = {
  ...breakpointHandlers,
  ...completionHandlers,
  ...evaluateHandlers,
  ...executionHandlers,
  ...memoryHandlers,
  ...scopeHandlers,
  ...stackHandlers,
  ...variableHandlers,
} satisfies Handlers;
