import { describeReadyServer } from './ready';

describeReadyServer(
  {
    name: 'ocaml',
    source: 'server.ml',
    architectures: ['x86_64'], // Debian has no OCaml that compiles for another architecture than its own.
    compile: (_architecture, source, output) => ({
      command: [
        ...(['ocamlfind', 'ocamlopt', '-package', 'lwt.unix', '-linkpkg', '-thread', '-g'] as const),
        ...['-ccopt', '-static', '-ccopt', '-no-pie', '-o', output, source],
      ],
    }),
  },
  ['/hello', '/hello', '/work', '/panic', '/file', '/work'],
);
