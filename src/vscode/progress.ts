import { ProgressLocation, window } from 'vscode';
import type { Progress, ProgressStep } from '../progress';

/** Shows long work in a notification with a cancel button, which aborts the signal. */
export function cancellable<Result>(
  title: string,
  work: (progress: Progress, signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const controller = new AbortController();
  const steps = new Steps();
  const result = work(steps.report, controller.signal);
  steps.show(title, controller, result);
  return result;
}

/** As `cancellable`, but for work that is mostly short: the notification comes when it has lasted for a second. */
export async function cancellableWhenSlow<Result>(
  title: string,
  outer: AbortSignal,
  work: (progress: Progress, signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const controller = new AbortController();
  const steps = new Steps();
  const result = work(steps.report, AbortSignal.any([outer, controller.signal]));
  const timer = setTimeout(() => {
    steps.show(title, controller, result);
  }, 1000);
  try {
    return await result;
  } finally {
    clearTimeout(timer);
  }
}

/** The steps of some work, of which a notification that opens late still shows the last one. */
class Steps {
  private last: ProgressStep | undefined;
  private listener: ((step: ProgressStep) => void) | undefined;

  readonly report = (step: ProgressStep): void => {
    this.last = step;
    this.listener?.(step);
  };

  show(title: string, controller: AbortController, work: Promise<unknown>): void {
    const options = { location: ProgressLocation.Notification, title, cancellable: true };
    void window.withProgress(options, async (shown, token) => {
      token.onCancellationRequested(() => {
        controller.abort();
      });
      let percent = 0;
      this.listener = ({ message, fraction = 0 }) => {
        const increment = Math.max(0, fraction * 100 - percent);
        percent += increment;
        shown.report({ message, increment });
      };
      if (this.last !== undefined) this.listener(this.last);
      // Who called shows the error; the notification only ends.
      await work.catch(() => undefined);
    });
  }
}
