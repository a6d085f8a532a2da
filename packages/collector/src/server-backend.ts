import { parseCanonical } from '@outwitness/event';
import {
  type Appended,
  type EvidenceReader,
  proveRow,
  type RowProof,
  type StoredRow,
  tlogProof,
} from '@outwitness/ledger';
import { SELF_APP } from '@outwitness/report';
import type { Backend, HeadJson, NeighbourJson, RowDetailJson, RowJson } from '@outwitness/server';
import type { SqliteJournal } from '@outwitness/store-sqlite';
import type { Collector } from './collector.ts';
import { makeReport } from './make-report.ts';
import { JournalReportSource } from './report-source.ts';

/** Lets the server read this collector's ledger through a connection of its own, and ask for control rows. */
export function serverBackend(collector: Collector, journal: SqliteJournal): Backend {
  const source = new JournalReportSource(journal, () => collector.liveFacts());
  let sealedAt = 0;
  collector.on('commit', ({ rows }) => {
    const seal = rows.at(-1);
    if (seal !== undefined) sealedAt = (JSON.parse(seal.leaf) as { time: number }).time;
  });
  const head = (): HeadJson => ({ size: collector.ledger.size, at: sealedAt === 0 ? null : isoTime(sealedAt) });
  return {
    software: collector.software,
    origin: collector.ledger.origin,
    report: (query) => makeReport(journal, source, collector.settingsFact(), collector.catalogue.catalogue, query),
    async rows(query) {
      const { rows, next } = await journal.page(query);
      return { rows: rows.map(rowJson), next: next ?? null, head: head() };
    },
    seqAt: async (time) => (await journal.seqAt(time)) ?? null,
    row: async (seq) => rowDetail(journal, seq, head()),
    async tlogProof(seq) {
      const note = await journal.lastNote();
      return note === undefined || seq >= note.size ? null : tlogProof(journal, seq);
    },
    head,
    onHead(listener) {
      const told = (appended: Appended): void => {
        if (worthSeeing(appended)) listener(head());
      };
      const verified = (): void => listener(head());
      collector.on('commit', told).on('verified', verified);
      return () => collector.off('commit', told).off('verified', verified);
    },
    control: ({ event, actor, text }) => collector.control(event, actor, text),
  };
}

/** Not the seals, and not what the report's own page causes. */
function worthSeeing({ rows }: Appended): boolean {
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

function isoTime(us: number): string {
  return new Date(us / 1_000).toISOString();
}
