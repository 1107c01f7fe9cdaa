import { Diagnostic, DiagnosticSeverity, languages, Range, Uri } from 'vscode';
import type { DiagnosticCollection, Disposable } from 'vscode';
import type { Problem } from '../project/project';

const severities = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  note: DiagnosticSeverity.Information,
} as const;

/** A problem as the editor shows it; the editor widens the empty range to the word there. */
export function toDiagnostic(problem: Problem): Diagnostic {
  const line = Math.max(0, problem.line - 1);
  const column = Math.max(0, problem.column - 1);
  const diagnostic = new Diagnostic(
    new Range(line, column, line, column),
    problem.message,
    severities[problem.severity],
  );
  diagnostic.source = problem.source;
  if (problem.code !== undefined) diagnostic.code = problem.code;
  return diagnostic;
}

/** What builds found, by project and target: a new build replaces what the last one of both found. */
export class BuildProblems implements Disposable {
  private readonly collections = new Map<string, DiagnosticCollection>();

  report(project: string, targetId: string, problems: readonly Problem[]): void {
    const key = `${project}\0${targetId}`;
    const collection = this.collections.get(key) ?? languages.createDiagnosticCollection();
    this.collections.set(key, collection);
    collection.clear();
    for (const file of new Set(problems.map((problem) => problem.file))) {
      const found = problems.filter((problem) => problem.file === file);
      collection.set(Uri.file(file), found.map(toDiagnostic));
    }
  }

  /** Forgets what builds of a project found. */
  clear(project: string): void {
    for (const [key, collection] of this.collections) if (key.startsWith(`${project}\0`)) collection.clear();
  }

  dispose(): void {
    for (const collection of this.collections.values()) collection.dispose();
  }
}
