import type { DebugProtocol } from '@vscode/debugprotocol';
import { exceptionFilters } from './exceptions';
import { handlers } from './handlers';
import type { Handlers, Requests } from './requests';

type Flag = keyof DebugProtocol.Capabilities;

/** The capabilities that are one request each. */
const requests: Partial<Record<Flag, keyof Requests>> = {
  supportsBreakpointLocationsRequest: 'breakpointLocations',
  supportsCompletionsRequest: 'completions',
  supportsDataBreakpoints: 'setDataBreakpoints',
  supportsDisassembleRequest: 'disassemble',
  supportsExceptionInfoRequest: 'exceptionInfo',
  supportsFunctionBreakpoints: 'setFunctionBreakpoints',
  supportsGotoTargetsRequest: 'gotoTargets',
  supportsInstructionBreakpoints: 'setInstructionBreakpoints',
  supportsLoadedSourcesRequest: 'loadedSources',
  supportsModulesRequest: 'modules',
  supportsReadMemoryRequest: 'readMemory',
  supportsRestartFrame: 'restartFrame',
  supportsSetExpression: 'setExpression',
  supportsSetVariable: 'setVariable',
  supportsStepInTargetsRequest: 'stepInTargets',
  supportsWriteMemoryRequest: 'writeMemory',
};

const implemented: Handlers = handlers;

/** What the adapter can do. */
export const capabilities: DebugProtocol.Capabilities = {
  ...Object.fromEntries(Object.entries(requests).map(([flag, command]) => [flag, command in implemented])),
  exceptionBreakpointFilters: [...exceptionFilters],
  supportsCancelRequest: true,
  supportsConfigurationDoneRequest: true,
  supportsConditionalBreakpoints: true,
  supportsHitConditionalBreakpoints: true,
  supportsLogPoints: true,
  supportsEvaluateForHovers: true,
  supportsClipboardContext: true,
  supportsValueFormattingOptions: true,
  completionTriggerCharacters: ['.', '>'],
  supportsTerminateRequest: true,
  supportTerminateDebuggee: true,
  supportsRestartRequest: true,
  supportsSteppingGranularity: true,
};

/** False for an event that only some editors take, where this one did not say so. */
export function understands(
  client: DebugProtocol.InitializeRequestArguments | undefined,
  { event }: DebugProtocol.Event,
): boolean {
  if (event === 'memory') return client?.supportsMemoryEvent === true;
  if (event === 'invalidated') return client?.supportsInvalidatedEvent === true;
  return true;
}
