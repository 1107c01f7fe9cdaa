import type { DebugProtocol } from '@vscode/debugprotocol';
import { existsSync } from 'node:fs';
import { basename, relative } from 'node:path';
import { libraryName, projectName } from '../build/artifact';
import { list, text, tuple } from '../gdb/mi/record';
import type { Gdb } from '../gdb/gdb';
import type { Handlers } from './requests';

/** The request for the program's source files. */
export const sourceHandlers = {
  loadedSources: async ({ sources }) => ({ sources: await sources.all() }),
} satisfies Handlers;

type SourceFile = DebugProtocol.Source & { readonly name: string; readonly path: string };

/** The source files that are on this machine, and which of them are the person's own. */
export class Sources {
  constructor(
    private readonly gdb: Gdb,
    /** Folders as the debug information names them, and where they are here. */
    private readonly sourceMap: Readonly<Record<string, string>>,
  ) {}

  /**
   * A source file as the editor is told of it; undefined when this machine does not have it. Of a program of ours, what
   * lies outside the project is not the person's own, and stands back.
   */
  find(path: string): SourceFile | undefined {
    if (path === '' || !existsSync(path)) return undefined;
    const source = { name: basename(path), path };
    const project = this.sourceMap[projectName];
    if (project === undefined || isInside(project, path)) return source;
    const library = this.sourceMap[libraryName];
    const origin = library !== undefined && isInside(library, path) ? 'library OS' : 'library';
    return { ...source, origin, presentationHint: 'deemphasize' };
  }

  /** All source files that the debug information names. */
  async all(): Promise<DebugProtocol.Source[]> {
    const { files } = await this.gdb.send('file-list-exec-source-files', [], 60_000);
    const paths = new Set(list(files).map((file) => text(tuple(file)['fullname'])));
    return [...paths].toSorted().flatMap((path) => this.find(path) ?? []);
  }
}

function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== '' && !way.startsWith('..');
}
