import { breakpointHandlers } from './breakpoints';
import { dataBreakpointHandlers } from './dataBreakpoints';
import { evaluateHandlers } from './evaluate';
import { exceptionHandlers } from './exceptions';
import { memoryHandlers } from './memory';
import type { Handlers } from './requests';
import { stackHandlers } from './stack';
import { steppingHandlers } from './stepping';
import { variableHandlers } from './variables';

/** Who answers which request about the guest. */
export const handlers = {
  ...breakpointHandlers,
  ...dataBreakpointHandlers,
  ...evaluateHandlers,
  ...exceptionHandlers,
  ...memoryHandlers,
  ...stackHandlers,
  ...steppingHandlers,
  ...variableHandlers,
} satisfies Handlers;
