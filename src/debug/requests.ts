import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Debuggee } from './debuggee';
import type { MachineRequests } from './machine';

type Body<Response extends DebugProtocol.Response> = Response extends { body?: infer Body }
  ? unknown extends Body
    ? undefined
    : Body
  : undefined;

interface Exchange<Arguments, Response extends DebugProtocol.Response> {
  arguments: Arguments;
  body: Body<Response>;
}

/** The requests about a guest, of the Debug Adapter Protocol and our own, with what they ask and what they are answered. */
export interface Requests extends MachineRequests {
  breakpointLocations: Exchange<DebugProtocol.BreakpointLocationsArguments, DebugProtocol.BreakpointLocationsResponse>;
  completions: Exchange<DebugProtocol.CompletionsArguments, DebugProtocol.CompletionsResponse>;
  continue: Exchange<DebugProtocol.ContinueArguments, DebugProtocol.ContinueResponse>;
  dataBreakpointInfo: Exchange<DebugProtocol.DataBreakpointInfoArguments, DebugProtocol.DataBreakpointInfoResponse>;
  disassemble: Exchange<DebugProtocol.DisassembleArguments, DebugProtocol.DisassembleResponse>;
  evaluate: Exchange<DebugProtocol.EvaluateArguments, DebugProtocol.EvaluateResponse>;
  exceptionInfo: Exchange<DebugProtocol.ExceptionInfoArguments, DebugProtocol.ExceptionInfoResponse>;
  goto: Exchange<DebugProtocol.GotoArguments, DebugProtocol.GotoResponse>;
  gotoTargets: Exchange<DebugProtocol.GotoTargetsArguments, DebugProtocol.GotoTargetsResponse>;
  loadedSources: Exchange<DebugProtocol.LoadedSourcesArguments, DebugProtocol.LoadedSourcesResponse>;
  modules: Exchange<DebugProtocol.ModulesArguments, DebugProtocol.ModulesResponse>;
  next: Exchange<DebugProtocol.NextArguments, DebugProtocol.NextResponse>;
  pause: Exchange<DebugProtocol.PauseArguments, DebugProtocol.PauseResponse>;
  readMemory: Exchange<DebugProtocol.ReadMemoryArguments, DebugProtocol.ReadMemoryResponse>;
  restartFrame: Exchange<DebugProtocol.RestartFrameArguments, DebugProtocol.RestartFrameResponse>;
  reverseContinue: Exchange<DebugProtocol.ReverseContinueArguments, DebugProtocol.ReverseContinueResponse>;
  scopes: Exchange<DebugProtocol.ScopesArguments, DebugProtocol.ScopesResponse>;
  setBreakpoints: Exchange<DebugProtocol.SetBreakpointsArguments, DebugProtocol.SetBreakpointsResponse>;
  setDataBreakpoints: Exchange<DebugProtocol.SetDataBreakpointsArguments, DebugProtocol.SetDataBreakpointsResponse>;
  setExceptionBreakpoints: Exchange<
    DebugProtocol.SetExceptionBreakpointsArguments,
    DebugProtocol.SetExceptionBreakpointsResponse
  >;
  setExpression: Exchange<DebugProtocol.SetExpressionArguments, DebugProtocol.SetExpressionResponse>;
  setFunctionBreakpoints: Exchange<
    DebugProtocol.SetFunctionBreakpointsArguments,
    DebugProtocol.SetFunctionBreakpointsResponse
  >;
  setInstructionBreakpoints: Exchange<
    DebugProtocol.SetInstructionBreakpointsArguments,
    DebugProtocol.SetInstructionBreakpointsResponse
  >;
  setVariable: Exchange<DebugProtocol.SetVariableArguments, DebugProtocol.SetVariableResponse>;
  source: Exchange<DebugProtocol.SourceArguments, DebugProtocol.SourceResponse>;
  stackTrace: Exchange<DebugProtocol.StackTraceArguments, DebugProtocol.StackTraceResponse>;
  stepBack: Exchange<DebugProtocol.StepBackArguments, DebugProtocol.StepBackResponse>;
  stepIn: Exchange<DebugProtocol.StepInArguments, DebugProtocol.StepInResponse>;
  stepInTargets: Exchange<DebugProtocol.StepInTargetsArguments, DebugProtocol.StepInTargetsResponse>;
  stepOut: Exchange<DebugProtocol.StepOutArguments, DebugProtocol.StepOutResponse>;
  threads: Exchange<undefined, DebugProtocol.ThreadsResponse>;
  variables: Exchange<DebugProtocol.VariablesArguments, DebugProtocol.VariablesResponse>;
  writeMemory: Exchange<DebugProtocol.WriteMemoryArguments, DebugProtocol.WriteMemoryResponse>;
}

/** Answers one kind of request; the signal aborts when the editor no longer wants the answer. */
export type Handler<Command extends keyof Requests> = (
  debuggee: Debuggee,
  args: Requests[Command]['arguments'],
  signal: AbortSignal,
) => Requests[Command]['body'] | Promise<Requests[Command]['body']>;

/** The handlers of one concern. */
export type Handlers = { readonly [Command in keyof Requests]?: Handler<Command> };
