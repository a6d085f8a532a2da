/** The tables of docs/benchmarks.md, written by a measurement and never by hand. What stands in other sections stays. */
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { join } from 'node:path';

import type { Cell } from '../claims/output/table.ts';

const PATH = join(import.meta.dirname, '../docs/benchmarks.md');

export function tableOf(heading: readonly string[], lines: readonly (readonly Cell[])[]): string {
  const row = (cells: readonly Cell[]): string => `| ${cells.join(' | ')} |`;
  return [row(heading), row(heading.map(() => '---')), ...lines.map(row)].join('\n');
}

/** Where it was measured, and how busy that was. */
export function machine(): string {
  return `Measured on ${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform} ${release().split('-')[0]}; the collector ran on Node ${process.versions.node}. Its load average at the end was ${loadavg()[0]?.toFixed(1)}, where the measurement alone makes about 2: the busier the machine, the more absolute figures grow, in all columns.`;
}

/** Replaces what stands under a heading of the second level, or adds it at the end. */
export function writeSection(title: string, body: string): void {
  const [head = '', ...sections] = readFileSync(PATH, 'utf8').split(/^(?=## )/m);
  const section = `## ${title}\n\n${body}\n`;
  const at = sections.findIndex((one) => one.startsWith(`## ${title}\n`));
  if (at < 0) sections.push(section);
  else sections[at] = section;
  writeFileSync(PATH, [head, ...sections].map((one) => one.trimEnd()).join('\n\n') + '\n');
}
