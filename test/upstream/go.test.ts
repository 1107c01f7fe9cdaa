import { describeReadyServer } from './ready';

const architectureOf = { x86_64: 'amd64', aarch64: 'arm64' } as const;

// Go links statically, and to fixed addresses, where no C library is asked for.
describeReadyServer(
  {
    name: 'go',
    source: 'server.go',
    compile: (architecture, source, output) => ({
      command: ['go', 'build', '-o', output, source],
      env: { CGO_ENABLED: '0', GOARCH: architectureOf[architecture] },
    }),
  },
  [
    ...[
      '/hello?name=world',
      '/hello?name=again',
      '/work',
      '/preempt',
      '/panic',
      '/file',
      '/missing',
      '/relay',
      '/copy',
    ],
    ...['/work', '/nothing'],
  ],
);
