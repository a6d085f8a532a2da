/** Everything that this page can check of one row by itself, in the order in which one thing rests on another. */
import type { RowDetailJson } from '@outwitness/server';

import { type ProofStep, rowHashOf, walkProof } from './merkle.ts';
import { checkSignature, type Note, parseNote } from './note.ts';

export type CheckState = 'passed' | 'failed' | 'impossible';

export interface Check {
  readonly id: 'row-hash' | 'previous' | 'inclusion' | 'genesis' | 'log-key' | 'epoch-key';
  readonly state: CheckState;
  readonly title: string;
  readonly text: string;
  /** Shown for comparison, where two values should be the same. */
  readonly expected?: string;
  readonly got?: string;
}

export interface Checks {
  readonly checks: readonly Check[];
  readonly steps: readonly ProofStep[];
  readonly note: Note | undefined;
}

const ZEROS = '0'.repeat(64);

/** @throws nothing: a row that cannot be checked says so */
export async function checkRow(row: RowDetailJson): Promise<Checks> {
  if (globalThis.crypto?.subtle === undefined) {
    return { checks: [insecure], steps: [], note: undefined };
  }
  const fields = row.leaf === null ? {} : (JSON.parse(row.leaf) as Record<string, unknown>);
  const { inclusion } = row;
  const note = inclusion === null ? undefined : parseNote(inclusion.note);
  const walk =
    inclusion === null || note === undefined
      ? undefined
      : await walkProof(
          row.seq,
          note.size,
          row.leaf === null ? row.rowHash : await rowHashOf(row.leaf),
          inclusion.hashes,
        );
  return {
    checks: [
      await rowHashCheck(row),
      previousCheck(row, fields),
      inclusionCheck(row, note, walk?.root),
      ...(note === undefined ? [] : await keyChecks(row, note)),
    ],
    steps: walk?.steps ?? [],
    note,
  };
}

const insecure: Check = {
  id: 'row-hash',
  state: 'impossible',
  title: 'Nothing could be recomputed',
  text: 'Browsers compute hashes only on https pages and on this machine itself. Download the proof and check it with outwitness verify.',
};

async function rowHashCheck({ leaf, rowHash }: RowDetailJson): Promise<Check> {
  const title = 'Row hash';
  if (leaf === null) {
    return {
      id: 'row-hash',
      state: 'impossible',
      title,
      text: 'The text of this row was dropped; only its hash is left.',
    };
  }
  const computed = await rowHashOf(leaf);
  return {
    id: 'row-hash',
    state: computed === rowHash ? 'passed' : 'failed',
    title,
    text: 'SHA-256 of a zero byte and the exact text below, computed by this browser, is the hash on record.',
    expected: rowHash,
    got: computed,
  };
}

function previousCheck(row: RowDetailJson, fields: Record<string, unknown>): Check {
  const title = 'Link to the row before';
  const expected = row.seq === 0 ? ZEROS : row.previous?.rowHash;
  const got = fields['prev'];
  if (typeof got !== 'string' || expected === undefined) {
    return { id: 'previous', state: 'impossible', title, text: 'There is nothing to compare.' };
  }
  return {
    id: 'previous',
    state: got === expected ? 'passed' : 'failed',
    title,
    text: row.seq === 0 ? 'This is the first row: it names zeros.' : `This row names the hash of row ${row.seq - 1}.`,
    expected,
    got,
  };
}

function inclusionCheck({ seq }: RowDetailJson, note: Note | undefined, root: string | undefined): Check {
  const title = 'Place in the signed tree';
  if (note === undefined) {
    return {
      id: 'inclusion',
      state: 'impossible',
      title,
      text: 'No signed note covers this row yet. The next one is seconds away.',
    };
  }
  return {
    id: 'inclusion',
    state: root === note.root ? 'passed' : 'failed',
    title,
    text: `The proof leads from row ${seq} to the root that the note signs for ${note.size} rows.`,
    expected: note.root,
    got: root ?? 'a proof of the wrong length',
  };
}

async function keyChecks({ genesis, key }: RowDetailJson, note: Note): Promise<Check[]> {
  if (genesis === null) return [];
  const walk = await walkProof(0, note.size, await rowHashOf(genesis.leaf), genesis.hashes);
  const keys = JSON.parse(genesis.leaf) as Record<string, unknown>;
  const proven: Check = {
    id: 'genesis',
    state: walk?.root === note.root ? 'passed' : 'failed',
    title: 'The keys are those of the first row',
    text: 'Row 0 introduces the keys of this ledger, and stands in the same tree.',
    expected: note.root,
    got: walk?.root ?? 'a proof of the wrong length',
  };
  const introduced = key === null ? undefined : await introducedKey(key, note);
  const named = [
    {
      id: 'log-key',
      seq: 0,
      key: keys['logKey'],
      title: 'Signature of the log key',
      name: (line: string) => line === note.origin,
    },
    {
      id: 'epoch-key',
      seq: key?.seq ?? 0,
      key: key === null ? keys['epochKey'] : introduced?.epochKey,
      title: 'Signature of the epoch key',
      name: (line: string) => line.startsWith(`${note.origin}/epoch/`),
    },
  ] as const;
  const signed = named.map(async ({ id, seq, key: publicKey, title, name }): Promise<Check> => {
    const line = note.signatures.find((candidate) => name(candidate.name));
    if (line === undefined) return { id, state: 'failed', title, text: 'The note carries no such signature.' };
    if (id === 'epoch-key' && line.name !== `${note.origin}/epoch/${introduced?.epoch ?? 0}`) {
      return { id, state: 'failed', title, text: 'No row in the signed tree introduces the key of that epoch.' };
    }
    if (typeof publicKey !== 'string') {
      return { id, state: 'failed', title, text: `Row ${seq} does not introduce the key that signs.` };
    }
    const result = await checkSignature(note, line, publicKey);
    const state = ({ valid: 'passed', invalid: 'failed', unsupported: 'impossible' } as const)[result];
    const text = {
      valid: `Ed25519, checked by this browser with the key of row ${seq}.`,
      invalid: `The signature does not belong to this note and the key of row ${seq}.`,
      unsupported: 'This browser cannot check Ed25519 signatures. Download the proof and use outwitness verify.',
    }[result];
    return { id, state, title, text };
  });
  return [proven, ...(await Promise.all(signed))];
}

/** What a `key` row says, if it stands in the tree that the note signs. */
async function introducedKey(
  { seq, leaf, hashes }: NonNullable<RowDetailJson['key']>,
  note: Note,
): Promise<{ epoch: number; epochKey: unknown } | undefined> {
  const walk = await walkProof(seq, note.size, await rowHashOf(leaf), hashes);
  const fields = JSON.parse(leaf) as Record<string, unknown>;
  const { kind, epoch, epochKey } = fields;
  if (walk?.root !== note.root || kind !== 'key' || typeof epoch !== 'number') return undefined;
  return { epoch, epochKey };
}
