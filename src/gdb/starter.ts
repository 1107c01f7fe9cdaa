import { findExecutables } from '../executables';
import { startGdbProcess, type GdbProcess } from './process';

/** Starts gdb, one of them ahead: it takes as long to start as the debug adapter, so that both start side by side. */
export class GdbStarter {
  private ahead: { readonly path: string; readonly process: GdbProcess } | undefined;

  /** Starts the one that is the likeliest to be wanted. */
  startAhead(): void {
    for (const path of findExecutables(['gdb-multiarch', 'gdb'])) {
      this.ahead = { path, process: startGdbProcess(path) };
      return;
    }
  }

  start(path: string): GdbProcess {
    const { ahead } = this;
    if (ahead?.path !== path) return startGdbProcess(path);
    this.ahead = undefined;
    return ahead.process;
  }

  /** Ends the one that was started ahead, unless it is in use. */
  drop(): void {
    this.ahead?.process.kill();
    this.ahead = undefined;
  }
}
