import { GdbStarter } from '../gdb/starter';

// The debug adapter: speaks the Debug Adapter Protocol on its standard streams, to any editor.
const gdbStarter = new GdbStarter();
gdbStarter.startAhead();

// What is imported here is loaded while gdb starts.
void import('./session').then(({ UnikernelDebugSession }) => {
  const session = new UnikernelDebugSession(gdbStarter);
  process.on('SIGTERM', () => {
    session.shutdown();
  });
  // What is no pipe, such as /dev/null, ends without being closed.
  process.stdin.on('end', () => {
    session.shutdown();
  });
  session.start(process.stdin, process.stdout);
});
