import type { Fold, Judge, Judgement, NetDraft, NetRow, RollupEntry } from '@outwitness/event';
import type { RowDraft } from './assembler.ts';
import { encodeLeaf, rowHash, SALT_BYTES } from './chain.ts';
import { clean } from '@outwitness/event';
import type { Members } from './cleaning.ts';
import type { CompactRange } from './merkle.ts';
import { type Counts, countRow } from './seal.ts';
import type { StoredRow, TreeNode } from './store.ts';

const HOUR = 3_600_000_000;

/** Where the chain stands. */
export interface Head {
  readonly ledger: string;
  readonly tree: CompactRange;
  readonly counts: Counts;
  /** hex of the newest row hash. */
  prev: string;
}

/** Gives rows their places: seq, prev, salt, judgement, leaf, hash. One per batch. */
export class BatchBuilder {
  readonly rows: StoredRow[] = [];
  readonly nodes: TreeNode[] = [];
  readonly net: NetRow[] = [];
  /** Catalogues that judged a row. */
  readonly catalogues: Set<string> = new Set();
  readonly #head: Head;
  readonly #judge: Judge;
  readonly #random: (bytes: number) => Uint8Array;

  constructor(head: Head, judge: Judge, random: (bytes: number) => Uint8Array) {
    this.#head = head;
    this.#judge = judge;
    this.#random = random;
  }

  add(draft: RowDraft): void {
    const { members } = draft;
    if (members.kind !== 'net') return this.#append(members as Members);
    const net = members as NetDraft;
    const judged = judgement(this.#judge(net, draft.manifest), net);
    this.catalogues.add(judged.catalogue);
    const row: NetRow = { ...net, ...judged, seq: this.#head.tree.size };
    this.net.push(row);
    this.#append(row as unknown as Members);
  }

  #append(members: Members): void {
    const head = this.#head;
    const seq = head.tree.size;
    const salt = Buffer.from(this.#random(SALT_BYTES)).toString('hex');
    const leaf = encodeLeaf({ ...members, v: 1, ledger: head.ledger, seq, prev: head.prev, salt });
    const hash = rowHash(leaf);
    this.rows.push({ seq, leaf, rowHash: hash });
    head.tree.append(hash, this.nodes);
    head.prev = hash.toString('hex');
    countRow(head.counts, members);
  }

  /** Hours and packages whose hosts the fold has to know. */
  folded(): { hour: number; package: string }[] {
    const keys = new Map<string, { hour: number; package: string }>();
    for (const row of this.net) {
      const key = { hour: Math.floor((row.time + (row.skew ?? 0)) / HOUR), package: row.package ?? '' };
      keys.set(`${key.hour} ${key.package}`, key);
    }
    return [...keys.values()];
  }

  fold(fold: Fold, held: (hour: number, packageName: string) => ReadonlySet<string>): RollupEntry[] {
    return this.net.length === 0 ? [] : fold(this.net, held);
  }
}

/** Only the members that a leaf may hold, cut to their limits. */
function judgement(said: Judgement, draft: NetDraft): Judgement {
  return {
    class: said.class,
    declared: said.declared,
    catalogue: said.catalogue,
    ...(said.vendor === undefined ? {} : { vendor: clean(said.vendor, 64) }),
    ...(said.component === undefined ? {} : { component: clean(said.component, 64) }),
    ...(draft.direction === 'in' ? { listener: clean(said.listener ?? '(other)', 253) } : {}),
  };
}
