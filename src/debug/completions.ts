import type { DebugProtocol } from '@vscode/debugprotocol';
import { list, text } from '../gdb/mi/record';
import { frameOf, frameWords } from './stack';
import type { Handlers } from './requests';

/** The request to complete what the person types in the debug console: an expression, or after `>` a command of gdb's. */
export const completionHandlers = {
  completions: async ({ gdb, execution }, { text: typed, column, line = 1, frameId }) => {
    const before = (typed.split('\n')[line - 1] ?? '').slice(0, column - 1);
    const command = /^\s*>\s*(.*)$/.exec(before)?.[1];
    // gdb completes nothing at all by all symbols there are.
    if (command === undefined && !/[\w$.>]$/.test(before)) return { targets: [] };
    const words = frameId === undefined || execution.running ? [] : frameWords(frameOf(frameId));
    const expression = command === undefined ? 'print ' : '';
    const asked = `${expression}${command ?? before}`;
    const answer = await gdb.send('complete', [...words, asked]).catch(() => ({}));
    const matches = 'matches' in answer ? list(answer['matches']).map(text) : [];
    return { targets: matches.map((match) => target(match, asked, column)) };
  },
} satisfies Handlers;

/** gdb answers whole lines; an editor replaces the word that is being typed. */
function target(match: string, asked: string, column: number): DebugProtocol.CompletionItem {
  const word = /[\w$:-]*$/.exec(asked)?.[0] ?? '';
  return { label: match.slice(asked.length - word.length), start: column - 1 - word.length, length: word.length };
}
