import { UnikernelDebugSession } from './session';

// The debug adapter: speaks the Debug Adapter Protocol on its standard streams, to any editor.
const session = new UnikernelDebugSession();
process.on('SIGTERM', () => {
  session.shutdown();
});
session.start(process.stdin, process.stdout);
