import { Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, languages, Location, Range, Uri } from 'vscode';
import type { Disposable } from 'vscode';
import { parseProblems } from '../build/problems';
import type { Problem } from '../project/project';
import type { Architecture } from '../targets';

const severities = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  note: DiagnosticSeverity.Information,
} as const;

/** A problem as the editor shows it; the editor widens the empty range to the word there. */
export function toDiagnostic(problem: Problem): Diagnostic {
  const diagnostic = new Diagnostic(rangeOf(problem), problem.message, severities[problem.severity]);
  diagnostic.source = problem.source;
  if (problem.code !== undefined) diagnostic.code = problem.code;
  return diagnostic;
}

function rangeOf(problem: Problem): Range {
  const line = Math.max(0, problem.line - 1);
  const column = Math.max(0, problem.column - 1);
  return new Range(line, column, line, column);
}

/** Problems by file; what a compiler notes after one of them is shown below it. */
function toDiagnostics(problems: readonly Problem[]): Map<string, Diagnostic[]> {
  const files = new Map<string, Diagnostic[]>();
  let last: Diagnostic | undefined;
  for (const problem of problems) {
    const { file, severity, message } = problem;
    if (severity === 'note' && last !== undefined) {
      const related = new DiagnosticRelatedInformation(new Location(Uri.file(file), rangeOf(problem)), message);
      last.relatedInformation = [...(last.relatedInformation ?? []), related];
      continue;
    }
    last = toDiagnostic(problem);
    files.set(file, [...(files.get(file) ?? []), last]);
  }
  return files;
}

/**
 * What builds found, by project and step. A step that did not run again still holds what it found: a warning stays while
 * its file is up to date. The architectures share their steps, so that a problem of both is shown once.
 */
export class BuildProblems implements Disposable {
  private readonly found = new Map<string, Map<string, readonly Problem[]>>();
  private readonly collection = languages.createDiagnosticCollection('unikernel build');

  /** Takes what the tools printed in one build, by architecture. */
  report(project: string, outputs: ReadonlyMap<Architecture, string>): void {
    const steps = new Map<string, Problem[]>();
    for (const [architecture, output] of outputs) {
      for (const { title, text } of splitSteps(output)) {
        const shared = title.replaceAll(architecture, '');
        steps.set(shared, [...(steps.get(shared) ?? []), ...parseProblems(text, project)]);
      }
    }
    this.found.set(project, new Map([...(this.found.get(project) ?? []), ...steps]));
    this.show();
  }

  /** Forgets what builds of a project found. */
  clear(project: string): void {
    this.found.delete(project);
    this.show();
  }

  private show(): void {
    const all = [...this.found.values()].flatMap((steps) => [...steps.values()].flat());
    const distinct = [...new Map(all.map((problem) => [JSON.stringify(problem), problem])).values()];
    this.collection.clear();
    for (const [file, diagnostics] of toDiagnostics(distinct)) this.collection.set(Uri.file(file), diagnostics);
  }

  dispose(): void {
    this.collection.dispose();
  }
}

/** The output of each step that ran; ninja names a step in a line of its own, before what its tools print. */
function splitSteps(output: string): { title: string; text: string }[] {
  const [, ...parts] = output.split(/^\[\d+\/\d+\] (.*)$/m);
  return parts.flatMap((title, index) => (index % 2 === 0 ? [{ title, text: parts[index + 1] ?? '' }] : []));
}
