import { breakpointLocationHandlers } from './breakpointLocations';
import { breakpointHandlers } from './breakpoints';
import { disassemblyHandlers } from './disassembly';
import { evaluateHandlers } from './evaluate';
import { executionHandlers } from './execution';
import { gotoHandlers } from './goto';
import { memoryHandlers } from './memory';
import { moduleHandlers } from './modules';
import type { Handlers } from './requests';
import { sourceHandlers } from './sources';
import { stackHandlers } from './stack';
import { variableHandlers } from './variables';

/** Who answers which request about the guest. */
export const handlers = {
  ...breakpointHandlers,
  ...breakpointLocationHandlers,
  ...disassemblyHandlers,
  ...evaluateHandlers,
  ...executionHandlers,
  ...gotoHandlers,
  ...memoryHandlers,
  ...moduleHandlers,
  ...sourceHandlers,
  ...stackHandlers,
  ...variableHandlers,
} satisfies Handlers;
