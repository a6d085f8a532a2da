import { type Flat, parseCanonical, type RollupEntry } from '@outwitness/event';
import { type Journal, predecessorOf } from '@outwitness/ledger';
import {
  addPairs,
  type EventGroup,
  type EventQuery,
  type LedgerFact,
  type Liveness,
  type PackageFact,
  type PairSeen,
  type Program,
  type ReportSource,
  type TimeQuery,
  type VerificationFact,
  type WriterFact,
  writersOf,
} from '@outwitness/report';
import { CachedCalls } from './cached-calls.ts';
import { RollupCells } from './rollup-cells.ts';
import type { LivingWriter } from './spool-drain.ts';

/** What is known of the collector at this moment: from itself, or from its file `alive`. Times in ms since 1970. */
export interface LiveFacts {
  living: readonly LivingWriter[];
  frozen: string;
  verification:
    | {
        verdict: string;
        exit: number;
        at: number;
        range: readonly [number, number];
        findings: VerificationFact['findings'];
      }
    | undefined;
  /** The newest run over the whole ledger. */
  whole: { verdict: string; exit: number; at: number } | undefined;
}

/** What {@link addPairs} looks at. */
const PAIR_KEY = ['hour', 'app', 'direction', 'package', 'host', 'port', 'class', 'declared'] as const;
/** Rows of one slice of a scan. */
const SLICE = 1_000;
/** Rows kept parsed: more than one report quotes. */
const MOST_PARSED = 5_000;

/** Answers what a report asks from the rows and the rollup of one ledger. Keeps what only grows, so ask the same object again. */
export class JournalReportSource implements ReportSource {
  readonly #journal: Journal;
  readonly #live: () => LiveFacts;
  readonly #cells: RollupCells;
  /** Pairs of the hours before `#pairsUntil`; no row is folded into those any more. */
  readonly #oldPairs = new Map<string, PairSeen>();
  #pairsUntil = 0;
  #pairsErasure = -1;
  /** `control` and `gap` rows that tell about writers, ascending. */
  readonly #writerRows: Flat[] = [];
  readonly #packages: PackageFact[] = [];
  #readTo = -1;
  readonly #cached: CachedCalls;
  readonly #parsed = new Map<number, { readonly leaf: string; readonly row: Flat }>();

  constructor(journal: Journal, live: () => LiveFacts, now: () => number = Date.now) {
    this.#journal = journal;
    this.#cached = new CachedCalls(journal);
    this.#live = live;
    this.#cells = new RollupCells(journal, now);
  }

  async cells(fromHour: number, toHour: number): Promise<readonly RollupEntry[]> {
    return this.#cells.cells(fromHour, toHour);
  }

  async pairs(): Promise<readonly PairSeen[]> {
    const { closed } = this.#cells;
    const erasure = await this.#cells.erasure();
    if (erasure !== this.#pairsErasure) {
      this.#oldPairs.clear();
      [this.#pairsErasure, this.#pairsUntil] = [erasure, 0];
    }
    if (closed > this.#pairsUntil) {
      const cells = await this.#journal.rollup({ from: this.#pairsUntil, to: closed, by: PAIR_KEY });
      addPairs(this.#oldPairs, cells as RollupEntry[]);
      this.#pairsUntil = closed;
    }
    const pairs = new Map(this.#oldPairs);
    addPairs(pairs, await this.cells(this.#pairsUntil, Number.MAX_SAFE_INTEGER));
    return [...pairs.values()];
  }

  async rows(seqs: readonly number[]): Promise<readonly Flat[]> {
    const rows: Flat[] = [];
    for (const seq of seqs) {
      const [row] = await this.#journal.rows(seq, seq + 1);
      if (row !== undefined) rows.push(this.#parse(seq, row.leaf));
    }
    return rows;
  }

  /** A report quotes the same rows as the one before. What is shown is always what the row says now. */
  #parse(seq: number, leaf: string): Flat {
    const known = this.#parsed.get(seq);
    if (known?.leaf === leaf) return known.row;
    const row = parseCanonical(leaf);
    if (this.#parsed.size >= MOST_PARSED) this.#parsed.clear();
    this.#parsed.set(seq, { leaf, row });
    return row;
  }

  async events(query: EventQuery): Promise<readonly EventGroup[]> {
    const groups = new Map<string, { event: string; rows: number; count: number; missing: number; newest: Flat[] }>();
    const events = (query.events ?? []).map((value) => ({ field: 'event', value }));
    const actor = query.actor === undefined ? [] : [{ field: 'actor', value: query.actor }];
    for await (const row of this.#scan(query, [{ field: 'kind', value: query.kind }, ...events, ...actor])) {
      const event = String(row['event'] ?? row['kind']);
      let group = groups.get(event);
      if (group === undefined) groups.set(event, (group = { event, rows: 0, count: 0, missing: 0, newest: [] }));
      group.rows++;
      group.count += numberOf(row, 'count') ?? 1;
      group.missing += numberOf(row, 'missing') ?? 0;
      if (group.newest.length < query.limit) group.newest.push(row);
    }
    return [...groups.values()];
  }

  async programs(query: TimeQuery): Promise<readonly Program[]> {
    const programs = new Map<string, Program>();
    const where = [
      { field: 'channel', value: 'process' },
      { field: 'channel', value: 'native' },
      { field: 'direction', value: 'out' },
    ];
    for await (const row of this.#scan(query, where)) {
      if (row['phase'] === 'end') continue;
      const found = {
        channel: row['channel'] as Program['channel'],
        app: textOf(row, 'app'),
        program: textOf(row, 'path'),
        package: textOf(row, 'package'),
        declared: textOf(row, 'declared'),
      };
      const key = JSON.stringify(found);
      const before = programs.get(key);
      const seq = numberOf(row, 'seq') ?? 0;
      programs.set(key, { ...found, events: (before?.events ?? 0) + 1, lastSeq: Math.max(before?.lastSeq ?? 0, seq) });
    }
    return [...programs.values()];
  }

  async packages(): Promise<readonly PackageFact[]> {
    await this.#readOn();
    return this.#packages;
  }

  async writers(): Promise<readonly WriterFact[]> {
    await this.#readOn();
    const living = new Map<string, Liveness>();
    for (const { writer, lastSeen, silent } of this.#live().living)
      living.set(writer, { lastSeen: lastSeen * 1_000, silent });
    return writersOf(this.#writerRows, living);
  }

  async ledger(): Promise<LedgerFact> {
    const [first] = await this.#journal.rows(0, 1);
    const genesis = first === undefined ? undefined : parseCanonical(first.leaf);
    const predecessor = first === undefined ? undefined : predecessorOf(first.leaf);
    const [vacuum] = await this.#journal.rowsOfKind('vacuum', 1);
    const note = await this.#journal.lastNote();
    const [seal] = note === undefined ? [] : await this.rows([note.size - 1]);
    const { frozen, verification, whole } = this.#live();
    const reach = keyWithinReach(seal);
    const checkpointAt = numberOf(seal, 'wall');
    const firstRowAt = numberOf(genesis, 'time');
    return {
      origin: textOf(genesis, 'origin'),
      size: await this.#journal.size(),
      checkpoint: { size: note?.size ?? 0, ...(checkpointAt === undefined ? {} : { at: checkpointAt }) },
      ...(firstRowAt === undefined ? {} : { firstRowAt }),
      ...(predecessor === undefined ? {} : { predecessor: withoutNote(predecessor) }),
      cut: vacuum === undefined ? 0 : (numberOf(parseCanonical(vacuum.leaf), 'to') ?? 0),
      ...(reach === undefined ? {} : { keyWithinReach: reach }),
      ...(frozen === '' ? {} : { frozen }),
      ...(verification === undefined ? {} : { verification: { ...verification, at: verification.at * 1_000 } }),
      ...(whole === undefined
        ? {}
        : { wholeVerification: { verdict: whole.verdict, exit: whole.exit, at: whole.at * 1_000 } }),
      bodyCapture: false,
    };
  }

  async cachedCalls(query: TimeQuery): Promise<number | null> {
    return this.#cached.count(query);
  }

  /** Reads the rows that tell about writers and packages since the last time. */
  async #readOn(): Promise<void> {
    const size = await this.#journal.size();
    const where = ['control', 'gap', 'policy'].map((value) => ({ field: 'kind', value }));
    for await (const { leaf } of this.#journal.scan({
      order: 'oldest',
      after: this.#readTo,
      to: { seq: size },
      where,
      limit: SLICE,
    })) {
      const row = parseCanonical(leaf);
      if (row['kind'] === 'policy') this.#packages.push(...(await this.#packageOf(row)));
      else if (row['spool'] !== undefined) this.#writerRows.push(row);
    }
    this.#readTo = size - 1;
  }

  async #packageOf(row: Flat): Promise<PackageFact[]> {
    if (row['event'] !== 'manifest') return [];
    const manifest = await this.#journal.text(textOf(row, 'manifestSha256'));
    const author = row['packageAuthor'];
    return [
      {
        package: textOf(row, 'package'),
        version: textOf(row, 'packageVersion'),
        ...(typeof author === 'string' ? { author } : {}),
        ...(manifest === undefined ? {} : { manifest }),
      },
    ];
  }

  /** Rows of the period, newest first; rows without `app` belong to every application. */
  async *#scan(query: TimeQuery, where: { field: string; value: string }[]): AsyncGenerator<Flat> {
    const apps = query.app === undefined ? [] : [query.app, ''].map((value) => ({ field: 'app', value }));
    const scan = this.#journal.scan({
      order: 'newest',
      from: { time: query.from },
      to: { time: query.to },
      where: [...where, ...apps],
      limit: SLICE,
    });
    for await (const { leaf } of scan) yield parseCanonical(leaf);
  }
}

function withoutNote({
  origin,
  size,
  verdict,
  why,
}: NonNullable<ReturnType<typeof predecessorOf>>): NonNullable<LedgerFact['predecessor']> {
  return { origin, size, verdict, why };
}

/** Undefined while no audited process has written. */
function keyWithinReach(seal: Flat | undefined): boolean | undefined {
  const uids = Array.isArray(seal?.['uids']) ? (seal['uids'] as readonly string[]) : [];
  const apps = uids.filter((one) => one.startsWith('app=')).map((one) => one.slice(4));
  if (apps.length === 0) return undefined;
  return apps.some((uid) => uid === '0' || uids.includes(`collector=${uid}`));
}

function textOf(row: Flat | undefined, name: string): string {
  const value = row?.[name];
  return typeof value === 'string' ? value : '';
}

function numberOf(row: Flat | undefined, name: string): number | undefined {
  const value = row?.[name];
  return typeof value === 'number' ? value : undefined;
}
