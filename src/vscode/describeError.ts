import { isCancelled, messageOf } from '../errors';

/** An error as a terminal shows it. */
export function describeError(error: unknown): string {
  return isCancelled(error) ? '\x1b[33mCancelled.\x1b[0m' : `\x1b[31m${messageOf(error)}\x1b[0m`;
}
