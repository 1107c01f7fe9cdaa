/** What a person can do about an error: a sentence, and where one press does it, the command behind the button. */
export interface Remedy {
  readonly text: string;
  /** A VS Code command id or a URL; editors show it as a button, terminals as text. */
  readonly button?: { readonly title: string; readonly command: string; readonly arguments?: readonly unknown[] };
}

/**
 * An error made to be shown to a person: what happened, why, and what to do next.
 * Each layer has its factories in an errors.ts of its own; nothing else constructs one.
 */
export class UnikernelError extends Error {
  override readonly name = 'UnikernelError';

  constructor(
    /** Stable identifier, such as `qemu.missing`, for tests and for --json. */
    readonly code: string,
    /** What happened: one sentence. */
    readonly what: string,
    /** Why it happened, as far as we know; may hold the last lines that a tool printed. */
    readonly why: string,
    readonly remedy: Remedy,
    options?: { cause?: unknown },
  ) {
    super([what, why, remedy.text].filter((part) => part !== '').join('\n'), options);
  }
}

/** True for the error that an aborted AbortSignal makes: the person cancelled, nothing to report. */
export function isCancelled(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

/** The text of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
