/** What was said of how many inputs, by kind and by class of the fields that were mutated. */
import type { Said } from './kind.ts';

/** An input of which something was said that must not be. */
export interface Failure {
  readonly kind: string;
  readonly index: number;
  readonly how: readonly string[];
  readonly what: string;
  /** The beginning of the input in base64. */
  readonly bytes: string;
}

export interface Count {
  inputs: number;
  accepted: number;
}

export interface TallyData {
  readonly kinds: Map<string, Count>;
  /** `kind\nclass` */
  readonly classes: Map<string, Count>;
  /** `kind\nverdict` */
  readonly verdicts: Map<string, number>;
  readonly uncovered: Map<string, number>;
  readonly failures: Failure[];
  failed: number;
}

/** So many are kept of one run. */
const KEPT = 50;
const UNCHANGED = '(none)';

export class Tally {
  readonly data: TallyData = {
    kinds: new Map(), classes: new Map(), verdicts: new Map(), uncovered: new Map(), failures: [], failed: 0,
  }; // prettier-ignore

  count(kind: string, how: readonly string[], { verdict, accepted, uncovered = [] }: Said): void {
    const { kinds, classes, verdicts } = this.data;
    add(kinds, kind, 1, accepted ? 1 : 0);
    for (const one of new Set(how.length === 0 ? [UNCHANGED] : how))
      add(classes, `${kind}\n${one}`, 1, accepted ? 1 : 0);
    verdicts.set(`${kind}\n${verdict}`, (verdicts.get(`${kind}\n${verdict}`) ?? 0) + 1);
    for (const one of uncovered) this.data.uncovered.set(one, (this.data.uncovered.get(one) ?? 0) + 1);
  }

  fail(failure: Failure): void {
    this.data.failed += 1;
    if (this.data.failures.length < KEPT) this.data.failures.push(failure);
  }

  merge(other: TallyData): void {
    const { kinds, classes, verdicts, uncovered } = this.data;
    for (const [name, { inputs, accepted }] of other.kinds) add(kinds, name, inputs, accepted);
    for (const [name, { inputs, accepted }] of other.classes) add(classes, name, inputs, accepted);
    for (const [name, count] of other.verdicts) verdicts.set(name, (verdicts.get(name) ?? 0) + count);
    for (const [name, count] of other.uncovered) uncovered.set(name, (uncovered.get(name) ?? 0) + count);
    this.data.failed += other.failed;
    this.data.failures.push(...other.failures.slice(0, Math.max(0, KEPT - this.data.failures.length)));
  }
}

function add(counts: Map<string, Count>, name: string, inputs: number, accepted: number): void {
  const count = counts.get(name) ?? { inputs: 0, accepted: 0 };
  count.inputs += inputs;
  count.accepted += accepted;
  counts.set(name, count);
}
