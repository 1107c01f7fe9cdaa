import { describeReadyServer } from './ready';

describeReadyServer(
  {
    name: 'rust',
    source: 'server.rs',
    compile: (architecture, source, output) => ({
      command: [
        '/usr/bin/rustc', // Debian's: it has the standard library of both architectures
        ...['-O', '-g', '-C', 'target-feature=+crt-static', '-C', 'relocation-model=static'],
        ...['--target', `${architecture}-unknown-linux-gnu`, '-C', `linker=${architecture}-linux-gnu-gcc`],
        ...['-o', output, source],
      ],
    }),
  },
  ['/hello', '/hello', '/work', '/panic', '/file', '/work'],
);
