import { parseCanonical } from '@outwitness/event';
import { type EvidenceReader, proveRow, type RowProof, type StoredRow, tlogProof } from '@outwitness/ledger';
import {
  type ComponentsJson,
  type ReportJson,
  SELF_APP,
  type SettingsFact,
  type TrafficJson,
} from '@outwitness/report';
import type {
  Access,
  Backend,
  HeadJson,
  NeighbourJson,
  ReportQuery,
  RowDetailJson,
  RowJson,
  SettingsJson,
  TrafficAsked,
} from '@outwitness/server';
import type { SqliteJournal } from '@outwitness/store-sqlite';
import type { AskControl } from './control/requests.ts';
import type { LoadedCatalogue } from './catalogue-file.ts';
import { makeComponents } from './make-components.ts';
import { witnessOf } from './witness.ts';
import { makeReport, makeTraffic } from './make-report.ts';
import { JournalReportSource, type LiveFacts } from './report-source.ts';
import { SharedAnswers } from './shared-answers.ts';

/** A ledger that is served: by the process that writes it, by one beside that, or as evidence alone. */
export interface Served {
  readonly software: string;
  readonly origin: string;
  readonly journal: SqliteJournal;
  readonly access: Access;
  readonly ask: AskControl;
  live(): LiveFacts;
  settings(): SettingsJson;
  settingsFact(): SettingsFact;
  catalogue(): Promise<LoadedCatalogue>;
  head(): HeadJson;
  onHead(listener: (head: HeadJson) => void): () => void;
  /** SHA-256 of the token of witnesses, `''` = there is none. */
  witnessToken(): string;
}

/** Lets the server read a ledger, and have done what is a row. */
export function serverBackend(served: Served): Backend {
  const { journal, access, ask } = served;
  const source = new JournalReportSource(journal, () => served.live());
  const size = (): Promise<number> => journal.size();
  const reports = new SharedAnswers<ReportQuery, ReportJson>(
    async (asked) => makeReport(journal, source, served.settingsFact(), (await served.catalogue()).catalogue, asked),
    size,
  );
  const traffic = new SharedAnswers<TrafficAsked, TrafficJson>((asked) => makeTraffic(journal, source, asked), size);
  const components = new SharedAnswers<ReportQuery, ComponentsJson>(
    async (asked) => makeComponents(journal, source, await served.catalogue(), served.settings(), asked),
    size,
  );
  return {
    software: served.software,
    origin: served.origin,
    access,
    report: (query) => reports.answer(query),
    traffic: (query) => traffic.answer(query),
    components: (query) => components.answer(query),
    async rows(query) {
      const { rows, next } = await journal.page(query);
      return { rows: rows.map(rowJson), next: next ?? null, head: served.head() };
    },
    seqAt: async (time) => (await journal.seqAt(time)) ?? null,
    row: async (seq) => rowDetail(journal, seq, served.head()),
    async tlogProof(seq) {
      const note = await journal.lastNote();
      return note === undefined || seq >= note.size ? null : tlogProof(journal, seq);
    },
    head: () => served.head(),
    onHead: (listener) => served.onHead(listener),
    async control({ event, actor, text }) {
      await ask({ do: 'record', event, actor, text });
    },
    witness: witnessOf(served),
    settings: async () => served.settings(),
    async changeSettings(changes, { role, user }) {
      const { generation } = await ask({ do: 'settings', changes: JSON.stringify(changes), actor: role, by: user });
      const now = served.settings();
      return { ...now, generation: Math.max(now.generation, Number(generation)) };
    },
    async changeSettingsFor(issuer, changes, user) {
      const asked = { do: 'issued-settings', issuer, changes: JSON.stringify(changes), user } as const;
      const { generation } = await ask(asked);
      const now = served.settings();
      return { ...now, generation: Math.max(now.generation, Number(generation)) };
    },
  };
}

/** Not the seals, and not what the report's own page causes. */
export function worthSeeing(rows: readonly StoredRow[]): boolean {
  return rows.some(({ leaf }) => {
    const { kind, app } = parseCanonical(leaf);
    return kind !== 'seal' && app !== SELF_APP;
  });
}

async function rowDetail(journal: EvidenceReader, seq: number, head: HeadJson): Promise<RowDetailJson | null> {
  const first = Math.max(0, seq - 1);
  const hashes = await journal.hashes(first, seq + 2);
  const rowHash = hashes[seq - first];
  if (rowHash === undefined) return null;
  const [row] = await journal.rows(seq, seq + 1);
  const note = await journal.lastNote();
  const covered = note !== undefined && seq < note.size;
  return {
    seq,
    // Dropped or erased rows are shown by what is left of them.
    leaf: row?.leaf ?? null,
    rowHash: hex(rowHash),
    previous: seq === 0 ? null : neighbour(seq - 1, hashes[0]),
    next: neighbour(seq + 1, hashes[seq + 1 - first]),
    ...(covered ? proofJson(await proveRow(journal, seq)) : { inclusion: null, genesis: null, key: null }),
    head,
  };
}

function proofJson({
  size,
  hashes,
  note,
  genesis,
  genesisHashes,
  key,
  keyHashes = [],
}: RowProof): Pick<RowDetailJson, 'inclusion' | 'genesis' | 'key'> {
  return {
    inclusion: { size, hashes: hashes.map(hex), note },
    genesis: { size, hashes: genesisHashes.map(hex), leaf: genesis.leaf },
    key: key === undefined ? null : { seq: key.seq, size, hashes: keyHashes.map(hex), leaf: key.leaf },
  };
}

function rowJson({ seq, leaf, rowHash }: StoredRow): RowJson {
  return { seq, leaf, rowHash: hex(rowHash) };
}

function neighbour(seq: number, rowHash: Uint8Array | undefined): NeighbourJson | null {
  return rowHash === undefined ? null : { seq, rowHash: hex(rowHash) };
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

export function isoTime(us: number): string {
  return new Date(us / 1_000).toISOString();
}
