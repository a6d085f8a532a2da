/** The port of the server over a ledger in memory: a second implementation, for tests of server and dashboard alone. */
import { canonical, type Flat } from '@outwitness/event';

import type {
  Backend,
  ChipsJson,
  ComponentsJson,
  ControlEntry,
  HeadJson,
  ReasonJson,
  ReportJson,
  ReportQuery,
  RowDetailJson,
  RowJson,
  RowsJson,
  RowsQuery,
  SettingsJson,
  TrafficAsked,
  TrafficJson,
} from '../../src/index.ts';
import { MemoryAccess } from '../../src/index.ts';
import { componentsOf } from './components.ts';
import { selects } from './filters.ts';
import { MemoryLedger, type MemoryRow } from './ledger.ts';
import { reportOf } from './report.ts';
import { trafficOf } from './traffic.ts';
import { pathOf } from './tree.ts';

export class MemoryBackend implements Backend {
  readonly software = 'outwitness-memory 0.0.0';
  readonly origin: string;
  readonly ledger: MemoryLedger;
  reasons: ReasonJson[] = [];
  chips: Partial<ChipsJson> = {};
  /** Set to make {@link control} fail, as when no collector runs. */
  refusesControl = false;
  /** Set to make reading fail in a way nobody foresaw. */
  broken: Error | undefined;
  readonly access: MemoryAccess;
  readonly #listeners = new Set<(head: HeadJson) => void>();
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
    this.access = new MemoryAccess(async ({ role }, text) => this.#record('sign-in', role, text), now);
    this.ledger = new MemoryLedger(now() * 1000);
    this.ledger.seal(now() * 1000);
    this.origin = this.ledger.origin;
  }

  /** One batch: the rows, the seal, the note, then word to the listeners. */
  commit(...rows: Flat[]): MemoryRow[] {
    const written = rows.map((fields) => this.ledger.append(fields));
    this.ledger.seal(this.#now() * 1000);
    const news = rows.some((fields) => fields['app'] !== 'outwitness');
    if (news) for (const listener of this.#listeners) listener(this.head());
    return written;
  }

  async report(query: ReportQuery): Promise<ReportJson> {
    if (this.broken !== undefined) throw this.broken;
    const now = this.#now();
    const ms = (bound: ReportQuery['to'], absent: number): number =>
      bound === undefined ? absent : 'time' in bound ? bound.time / 1000 : this.#timeOf(bound.seq);
    const to = ms(query.to, now);
    const from = ms(query.from, to - 24 * 3_600_000);
    return reportOf(this.ledger.rows, { from, to }, query.app ?? null, now, {
      reasons: this.reasons,
      chips: this.chips,
      noteAt: this.head().at,
      noteSize: this.ledger.note.size,
    });
  }

  async traffic(query: TrafficAsked): Promise<TrafficJson> {
    return trafficOf(this.ledger.rows, query, await this.report(query));
  }

  async components(query: ReportQuery): Promise<ComponentsJson> {
    return componentsOf(this.ledger.rows, await this.report(query));
  }

  async rows(query: RowsQuery): Promise<RowsJson> {
    const { rows } = this.ledger;
    const ordered = query.order === 'newest' ? rows.toReversed() : rows;
    const matching = ordered.filter((row) => selects(query, row));
    const page = matching.slice(0, query.limit);
    const next = matching.length > page.length ? (page.at(-1)?.seq ?? null) : null;
    return { rows: page.map(shown), next, head: this.head() };
  }

  async seqAt(time: number): Promise<number | null> {
    return this.ledger.rows.find(({ fields }) => Number(fields['time']) >= time)?.seq ?? null;
  }

  async row(seq: number): Promise<RowDetailJson | null> {
    const { rows, note } = this.ledger;
    const row = rows[seq];
    const genesis = rows[0];
    if (row === undefined || genesis === undefined) return null;
    const previous = rows[seq - 1];
    const next = rows[seq + 1];
    const hashes = this.#proof(0);
    return {
      ...shown(row),
      previous: previous === undefined ? null : { seq: seq - 1, rowHash: previous.hash.toString('hex') },
      next: next === undefined ? null : { seq: seq + 1, rowHash: next.hash.toString('hex') },
      inclusion: seq < note.size ? { size: note.size, hashes: this.#proof(seq), note: note.text } : null,
      genesis: { size: note.size, hashes, leaf: genesis.leaf },
      key: this.#key(),
      head: this.head(),
    };
  }

  #key(): RowDetailJson['key'] {
    const { keyRow, note } = this.ledger;
    if (keyRow === undefined) return null;
    return { seq: keyRow.seq, size: note.size, hashes: this.#proof(keyRow.seq), leaf: keyRow.leaf };
  }

  async tlogProof(seq: number): Promise<string | null> {
    const { rows, note } = this.ledger;
    const row = rows[seq];
    if (row === undefined || seq >= note.size) return null;
    const extra = { genesis: rows[0]?.leaf ?? '', genesisProof: this.#proof(0), leaf: row.leaf };
    const hashes = this.#proof(seq).map((hash) => `${Buffer.from(hash, 'hex').toString('base64')}\n`);
    const encoded = Buffer.from(canonical(extra)).toString('base64');
    return `c2sp.org/tlog-proof@v1\nextra ${encoded}\nindex ${seq}\n${hashes.join('')}\n${note.text}`;
  }

  head(): HeadJson {
    const { note, rows } = this.ledger;
    return { size: rows.length, at: note.at === 0 ? null : new Date(note.at / 1000).toISOString() };
  }

  onHead(listener: (head: HeadJson) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async control({ event, actor, text }: ControlEntry): Promise<void> {
    await this.#record(event, actor, text);
  }

  readonly witness = {
    token: () => undefined,
    checkpoint: async () => null,
    hashes: async () => null,
  };

  async settings(): Promise<SettingsJson> {
    const settings = [{ name: 'strict', value: false, origin: 'default' as const, fixed: false }];
    return { schemaVersion: 1, generation: 1, file: '/srv/outwitness.config.json', settings };
  }

  async changeSettings(): Promise<SettingsJson> {
    throw new Error('no collector answered within 5 s');
  }

  async changeSettingsFor(): Promise<SettingsJson> {
    return this.changeSettings();
  }

  async #record(event: string, actor: string, text: string): Promise<void> {
    if (this.refusesControl) throw new Error('no collector answered within 5 s');
    this.commit({ kind: 'control', time: this.#now() * 1000, event, actor, text });
  }

  #proof(seq: number): string[] {
    const covered = this.ledger.rows.slice(0, this.ledger.note.size);
    return pathOf(
      seq,
      covered.map(({ hash }) => hash),
    ).map((hash) => hash.toString('hex'));
  }

  #timeOf(seq: number): number {
    return Number(this.ledger.rows[seq]?.fields['time'] ?? 0) / 1000;
  }
}

function shown({ seq, leaf, hash }: MemoryRow): RowJson {
  return { seq, leaf, rowHash: hash.toString('hex') };
}
