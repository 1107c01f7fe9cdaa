import { DebugAdapterExecutable } from 'vscode';
import type { DebugAdapterDescriptorFactory } from 'vscode';

/** Runs the debug adapter as a program of its own, with the Node that the editor brings. */
export class AdapterFactory implements DebugAdapterDescriptorFactory {
  constructor(private readonly program: string) {}

  createDebugAdapterDescriptor(): DebugAdapterExecutable {
    return new DebugAdapterExecutable(process.execPath, [this.program], { env: { ELECTRON_RUN_AS_NODE: '1' } });
  }
}
