import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Handlers } from './requests';
import { frameOf } from './stack';

/** The request about what can be seen from a frame. */
export const scopeHandlers = {
  scopes: ({ variables }, { frameId }) => {
    const frame = frameOf(frameId);
    return {
      scopes: [
        { ...scope('Locals', variables.locals.referenceOf(frame)), presentationHint: 'locals' },
        // Those that cost something are asked for when they are opened.
        { ...scope('Globals', variables.references.add({ kind: 'globals', frame })), expensive: true },
        {
          ...scope('Registers', variables.references.add({ kind: 'registers', frame })),
          expensive: true,
          presentationHint: 'registers',
        },
      ],
    };
  },
} satisfies Handlers;

function scope(name: string, variablesReference: number): DebugProtocol.Scope {
  return { name, variablesReference, expensive: false };
}
