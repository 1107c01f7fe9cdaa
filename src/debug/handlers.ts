import { breakpointLocationHandlers } from './breakpointLocations';
import { breakpointHandlers } from './breakpoints';
import { dataBreakpointHandlers } from './dataBreakpoints';
import { disassemblyHandlers } from './disassembly';
import { completionHandlers } from './completions';
import { evaluateHandlers } from './evaluate';
import { exceptionHandlers } from './exceptions';
import { gotoHandlers } from './goto';
import { historyHandlers } from './history';
import { machineHandlers } from './machine';
import { memoryHandlers } from './memory';
import { moduleHandlers } from './modules';
import type { Handlers } from './requests';
import { restartFrameHandlers } from './restartFrame';
import { sourceHandlers } from './sources';
import { scopeHandlers } from './scopes';
import { stackHandlers } from './stack';
import { steppingHandlers } from './stepping';
import { threadHandlers } from './threads';
import { variableHandlers } from './variables';

/** Who answers which request about the guest. */
export const handlers = {
  ...breakpointHandlers,
  ...dataBreakpointHandlers,
  ...breakpointLocationHandlers,
  ...disassemblyHandlers,
  ...completionHandlers,
  ...evaluateHandlers,
  ...exceptionHandlers,
  ...gotoHandlers,
  ...historyHandlers,
  ...machineHandlers,
  ...memoryHandlers,
  ...moduleHandlers,
  ...restartFrameHandlers,
  ...sourceHandlers,
  ...scopeHandlers,
  ...stackHandlers,
  ...steppingHandlers,
  ...threadHandlers,
  ...variableHandlers,
} satisfies Handlers;
