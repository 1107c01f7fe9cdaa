import { Range, TerminalLink, Uri, window } from 'vscode';
import type { Terminal, TerminalLinkContext, TerminalLinkProvider } from 'vscode';
import { realpath, stat } from 'node:fs/promises';
import { resolve, sep } from 'node:path';

/** A place in a source file, as compilers and crash reports print it. */
const place = /(?<file>[^\s:'"()[\]]+):(?<line>\d+)(?::(?<column>\d+))?/g;

class SourceLink extends TerminalLink {
  constructor(
    startIndex: number,
    length: number,
    readonly file: string,
    /** From 0, as the editor counts. */
    readonly line: number,
    readonly column: number,
  ) {
    super(startIndex, length, 'Open the source');
  }
}

/** Makes file:line in our terminals a link, where it is a file of the terminal's project. */
export class SourceLinks implements TerminalLinkProvider<SourceLink> {
  /** `projectOf` gives the project that a terminal shows; undefined for a terminal of others. */
  constructor(private readonly projectOf: (terminal: Terminal) => string | undefined) {}

  async provideTerminalLinks({ terminal, line }: TerminalLinkContext): Promise<SourceLink[]> {
    const project = this.projectOf(terminal);
    if (project === undefined) return [];
    const found = await Promise.all(
      [...line.matchAll(place)].map(async ({ index, 0: text, groups = {} }) => {
        const file = await fileOf(project, groups['file'] ?? '');
        if (file === undefined) return [];
        return [new SourceLink(index, text.length, file, before(groups['line']), before(groups['column']))];
      }),
    );
    return found.flat();
  }

  async handleTerminalLink({ file, line, column }: SourceLink): Promise<void> {
    await window.showTextDocument(Uri.file(file), { selection: new Range(line, column, line, column) });
  }
}

/** Compilers count from 1. */
function before(number = '1'): number {
  return Math.max(0, Number(number) - 1);
}

/** The path of a project's file; undefined for anything else: a guest may print what it likes. */
async function fileOf(project: string, name: string): Promise<string | undefined> {
  // Tools in the container may name the project as it lies there.
  const local = name.replace(/^(?:\/workspace)?\/project\//, '');
  try {
    const path = resolve(project, local);
    const [folder, file] = await Promise.all([realpath(project), realpath(path)]);
    return file.startsWith(folder + sep) && (await stat(file)).isFile() ? path : undefined;
  } catch {
    return undefined;
  }
}
