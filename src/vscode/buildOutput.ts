import type { Architecture } from '../targets';

/** Where the tools of a build print; builds that run side by side print whole lines, each behind its architecture. */
export function labelled(
  architectures: readonly Architecture[],
  output: (text: string) => void,
): (architecture: Architecture, text: string) => void {
  if (architectures.length === 1) {
    return (_, text) => {
      output(text);
    };
  }
  const width = Math.max(...architectures.map(({ length }) => length));
  const begun = new Map<Architecture, string>();
  return (architecture, text) => {
    const lines = `${begun.get(architecture) ?? ''}${text}`.split('\n');
    begun.set(architecture, lines.pop() ?? '');
    for (const line of lines) output(`\x1b[36m${architecture.padEnd(width)}\x1b[0m  ${line}\n`);
  };
}
