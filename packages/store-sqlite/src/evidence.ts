import type { EvidenceReader, StoredNote, StoredRow } from '@outwitness/ledger';
import type { Engine } from './engine.ts';

/** A row as the engine gives it. */
export interface RowRecord {
  seq: number;
  leaf: string;
  row_hash: Buffer;
}

/** Rows, hashes, nodes, notes and texts: what proofs and bundles are made from. Each method is one short statement. */
export class SqliteEvidence implements EvidenceReader {
  protected readonly reader: Engine;
  readonly #statements;

  constructor(reader: Engine) {
    this.reader = reader;
    this.#statements = {
      size: reader.prepare<[]>('SELECT coalesce(max(seq) + 1, 0) FROM rows').pluck(),
      rows: reader.prepare<[number, number], RowRecord>(
        'SELECT seq, leaf, row_hash FROM rows WHERE seq >= ? AND seq < ? AND leaf IS NOT NULL ORDER BY seq',
      ),
      hashes: reader
        .prepare<[number, number]>('SELECT row_hash FROM rows WHERE seq >= ? AND seq < ? ORDER BY seq')
        .pluck(),
      ofKind: reader.prepare<[string, number], RowRecord>(
        'SELECT seq, leaf, row_hash FROM (SELECT * FROM rows WHERE kind = ? ORDER BY seq DESC LIMIT ?) ORDER BY seq',
      ),
      nodes: reader
        .prepare<[number, number, number]>(
          'SELECT hash FROM nodes WHERE level = ? AND idx >= ? AND idx < ? ORDER BY idx',
        )
        .pluck(),
      notes: reader.prepare<[number, number], StoredNote>(
        'SELECT size, note FROM checkpoints WHERE size > ? ORDER BY size LIMIT ?',
      ),
      lastNote: reader.prepare<[number], StoredNote>(
        'SELECT size, note FROM checkpoints WHERE size <= ? ORDER BY size DESC LIMIT 1',
      ),
      text: reader.prepare<[string]>('SELECT text FROM texts WHERE sha256 = ?').pluck(),
    };
  }

  async size(): Promise<number> {
    return this.#statements.size.get() as number;
  }

  async rows(from: number, to: number): Promise<StoredRow[]> {
    return this.#statements.rows.all(from, to).map(storedRow);
  }

  async hashes(from: number, to: number): Promise<Uint8Array[]> {
    return this.#statements.hashes.all(from, to) as Uint8Array[];
  }

  async rowsOfKind(kind: string, newest: number = -1): Promise<StoredRow[]> {
    return this.#statements.ofKind.all(kind, newest).map(storedRow);
  }

  async nodes(level: number, from: number, to: number): Promise<Uint8Array[]> {
    return this.#statements.nodes.all(level, from, to) as Uint8Array[];
  }

  async notes(after: number, limit: number): Promise<StoredNote[]> {
    return this.#statements.notes.all(after, limit);
  }

  async lastNote(size: number = Number.MAX_SAFE_INTEGER): Promise<StoredNote | undefined> {
    return this.#statements.lastNote.get(size);
  }

  async text(sha256: string): Promise<string | undefined> {
    return this.#statements.text.get(sha256) as string | undefined;
  }

  close(): void {
    this.reader.close();
  }
}

export function storedRow(record: RowRecord): StoredRow {
  return { seq: record.seq, leaf: record.leaf, rowHash: record.row_hash };
}
