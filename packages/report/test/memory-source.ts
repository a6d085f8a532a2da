/** A store in memory that answers a report from judged and folded rows, as a real one does. */
import type { Flat, NetDraft, NetRow, RollupEntry } from '@outwitness/event';

import type { Catalogue } from '../src/catalogue.ts';
import { addEntries, fold, keyText } from '../src/fold.ts';
import { makeJudge } from '../src/judge.ts';
import { addPairs } from '../src/pairs-seen.ts';
import type {
  EventGroup,
  EventQuery,
  LedgerFact,
  PackageFact,
  PairSeen,
  Program,
  ReportSource,
  TimeQuery,
  WriterFact,
} from '../src/source.ts';
import { CATALOGUE, draft, LEDGER, writer } from './sample.ts';

export class MemorySource implements ReportSource {
  readonly leaves: (Flat & { seq: number })[] = [];
  readonly table = new Map<string, RollupEntry>();
  packageFacts: PackageFact[] = [];
  writerFacts: WriterFact[] = [writer()];
  ledgerFact: LedgerFact = LEDGER;
  /** Sequence numbers asked for, to see that nothing is read without need. */
  asked: number[] = [];
  readonly #judge;

  constructor(catalogue: Catalogue = CATALOGUE) {
    this.#judge = makeJudge({ catalogue, digest: 'c'.repeat(64), self: [] });
  }

  net(change: Partial<NetDraft> = {}): this {
    return this.call(draft(change));
  }

  /** Judges, numbers and folds one row. */
  call(call: NetDraft): this {
    const manifest = this.packageFacts.find((fact) => fact.package === call.package)?.manifest;
    const row: NetRow = { ...call, ...this.#judge(call, manifest), seq: this.leaves.length };
    this.leaves.push({ ...row });
    const held = (hour: number, name: string): Set<string> =>
      new Set([...this.table.values()].filter((e) => e.hour === hour && e.package === name).map((e) => e.host));
    for (const entry of fold([row], held)) {
      const before = this.table.get(keyText(entry));
      this.table.set(keyText(entry), before === undefined ? entry : addEntries(before, entry));
    }
    return this;
  }

  other(leaf: Flat): this {
    this.leaves.push({ ...leaf, seq: this.leaves.length });
    return this;
  }

  cells(fromHour: number, toHour: number): RollupEntry[] {
    return [...this.table.values()].filter((entry) => entry.hour >= fromHour && entry.hour < toHour);
  }

  pairs(): PairSeen[] {
    const seen = new Map<string, PairSeen>();
    addPairs(seen, this.table.values());
    return [...seen.values()];
  }

  rows(seqs: readonly number[]): Flat[] {
    this.asked.push(...seqs);
    return seqs.flatMap((seq) => this.leaves[seq] ?? []);
  }

  events({ kind, events, actor, limit, ...time }: EventQuery): EventGroup[] {
    const rows = this.#within(time).filter(
      (row) =>
        row['kind'] === kind &&
        events?.includes(String(row['event'])) !== false &&
        (actor === undefined || row['actor'] === actor),
    );
    const nameOf = (row: Flat): string => String(row['event'] ?? row['kind']);
    const names = new Set(rows.map(nameOf));
    return [...names].map((event) => {
      const own = rows.filter((row) => nameOf(row) === event);
      const total = (name: string, absent: number): number =>
        own.reduce((sum, row) => sum + Number(row[name] ?? absent), 0);
      const newest = own.toReversed().slice(0, limit);
      return { event, rows: own.length, count: total('count', 1), missing: total('missing', 0), newest };
    });
  }

  programs(query: TimeQuery): Program[] {
    return this.#within(query)
      .filter((row) => row['channel'] === 'process' || row['channel'] === 'native')
      .map((row) => ({
        channel: row['channel'] as 'process',
        app: String(row['app']),
        program: String(row['path']),
        package: String(row['package'] ?? ''),
        declared: String(row['declared']),
        events: 1,
        lastSeq: row.seq,
      }));
  }

  packages(): PackageFact[] {
    return this.packageFacts;
  }

  writers(): WriterFact[] {
    return this.writerFacts;
  }

  async ledger(): Promise<LedgerFact> {
    await Promise.resolve();
    return { ...this.ledgerFact, size: this.leaves.length };
  }

  cachedCalls(query: TimeQuery): number {
    return this.#within(query).filter((row) => row['basis'] === 'cached').length;
  }

  #within({ from, to, app }: TimeQuery): (Flat & { seq: number })[] {
    return this.leaves.filter((row) => {
      const time = Number(row['time']);
      return time >= from && time < to && (app === undefined || row['app'] === undefined || row['app'] === app);
    });
  }
}
