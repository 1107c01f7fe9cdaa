import { loadavg } from 'node:os';
import type { Figure } from './measure';

const widths = [30, 34, 14, 8, 14] as const;

function line(cells: readonly string[]): string {
  return cells
    .map((cell, index) => cell.padEnd(widths[index] ?? 0))
    .join('')
    .trimEnd();
}

/** Prints the head of the table, and how busy the machine is: what else runs makes figures worse. */
export function printHead(): void {
  console.log(`\nload of the last minute: ${(loadavg()[0] ?? 0).toFixed(2)}`);
  console.log(line(['figure', 'median (min..max)', 'reference', 'ratio', 'limit', '']));
}

/** Prints one figure. */
export function printRow({ name, unit, value, min, max, reference, ratio, limit, least, holds }: Figure): void {
  const show = (number: number | null): string => (number === null ? '' : format(number));
  const spread = min === max ? '' : ` (${format(min)}..${format(max)})`;
  const verdict = holds === null ? '' : holds ? 'holds' : 'DOES NOT HOLD';
  const bound = limit === null ? '' : `${least ? '>=' : '<='} ${format(limit)}`;
  const cells = [name, `${format(value)} ${unit}${spread}`, show(reference), ratio?.toFixed(2) ?? '', bound];
  console.log(line([...cells, verdict]));
}

/** Three digits are as many as the spread allows. */
function format(value: number): string {
  return value < 100 && !Number.isInteger(value) ? value.toPrecision(3) : Math.round(value).toLocaleString('en');
}
