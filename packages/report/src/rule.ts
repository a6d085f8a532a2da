import type { RowLink, Severity } from './report-json.ts';
import type { Facts } from './facts.ts';

/** One case of a finding; `docs/reference/json.md`, `detail[]`, with numbers where that has texts. */
export interface Case {
  readonly text: string;
  readonly count: number;
  readonly link: RowLink;
  readonly app?: string;
  readonly package?: string;
  readonly host?: string;
  readonly port?: number;
  readonly site?: string;
  readonly seq?: number;
  /** µs */
  readonly time?: number;
}

export interface Finding {
  readonly text: string;
  readonly action: string;
  readonly count: number;
  readonly link: RowLink;
  readonly cases: readonly Case[];
}

/** One file in rules/ per rule; docs/reference/report.md has one line per rule. */
export interface Rule {
  readonly id: string;
  readonly severity: Severity;
  /** @returns undefined if the rule does not fire */
  evaluate(facts: Facts): Finding | undefined;
  /** Sequence numbers of rows that the finding would quote; `facts.rows` may lack any of them. */
  evidence?(facts: Facts): number[];
}
