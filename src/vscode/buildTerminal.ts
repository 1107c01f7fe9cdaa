import { EventEmitter } from 'vscode';
import type { Pseudoterminal } from 'vscode';
import { setTimeout as sleep } from 'node:timers/promises';
import { describeError } from './describeError';

/** Of a task that fails sooner, VS Code says that it could not be launched. */
const shortestMilliseconds = 600;

/** A build shown as a terminal; closing it cancels the build. */
export class BuildTerminal implements Pseudoterminal {
  private readonly written = new EventEmitter<string>();
  private readonly closed = new EventEmitter<number>();
  private readonly controller = new AbortController();
  readonly onDidWrite = this.written.event;
  readonly onDidClose = this.closed.event;

  /** `build` gives whether there is an image; what it throws is shown. */
  constructor(private readonly build: (output: (text: string) => void, signal: AbortSignal) => Promise<boolean>) {}

  open(): void {
    void this.run();
  }

  close(): void {
    this.controller.abort();
  }

  handleInput(data: string): void {
    if (data === '\x03') this.close();
  }

  private async run(): Promise<void> {
    let exitCode = 1;
    const shortest = sleep(shortestMilliseconds);
    const output = (text: string): void => {
      this.written.fire(text.replaceAll(/\r?\n/g, '\r\n'));
    };
    try {
      exitCode = (await this.build(output, this.controller.signal)) ? 0 : 1;
    } catch (error) {
      output(`${describeError(error)}\n`);
    }
    if (exitCode !== 0) await shortest;
    this.closed.fire(exitCode);
  }
}
