import { join } from 'node:path';
import type { Problem } from '../project/project';

const place =
  /^(?<file>[^\s:][^:]*):(?<line>\d+):(?:(?<column>\d+):)? (?:fatal )?(?<severity>error|warning|note): (?<message>.*)$/;
const undefinedReference =
  /^(?:[^\s:]*ld(?:\.\w+)?: )?(?<file>[^\s:][^:]*):(?<line>\d+): (?<message>(?:undefined reference to|multiple definition of) .*)$/;
const option = / \[(?<code>-W[^\]]+)\]$/;

/** Finds the problems that gcc and ld printed. Files of the project get their absolute path on this machine. */
export function parseProblems(output: string, projectFolder: string): Problem[] {
  const problems = output.split(/\r?\n/).flatMap((line) => {
    const problem = parseLine(line, projectFolder);
    return problem === undefined ? [] : [problem];
  });
  // The link with every handler and a header included twice say the same again.
  const seen = new Set<string>();
  return problems.filter((problem) => {
    const key = JSON.stringify(problem);
    return !seen.has(key) && seen.add(key);
  });
}

function parseLine(line: string, projectFolder: string): Problem | undefined {
  const compiler = place.exec(line)?.groups;
  if (compiler !== undefined) {
    const { file = '', line: number, column, severity, message = '' } = compiler;
    const code = option.exec(message)?.groups?.['code'];
    return {
      file: locate(file, projectFolder),
      line: Number(number),
      column: Number(column ?? 1),
      severity: severity === 'warning' || severity === 'note' ? severity : 'error',
      message: message.replace(option, ''),
      source: 'gcc',
      ...(code !== undefined && { code }),
    };
  }
  const linker = undefinedReference.exec(line)?.groups;
  if (linker === undefined) return undefined;
  const { file = '', line: number, message = '' } = linker;
  return {
    file: locate(file, projectFolder),
    line: Number(number),
    column: 1,
    severity: 'error',
    message,
    source: 'ld',
  };
}

/** The path on this machine of a file as the tools name it: relative to the project, or below /project or the workspace. */
function locate(file: string, projectFolder: string): string {
  const mapped = /^(?:.*\/workspace)?\/project\/(.*)$/.exec(file)?.[1];
  if (mapped !== undefined) return join(projectFolder, mapped);
  return file.startsWith('/') ? file : join(projectFolder, file);
}
