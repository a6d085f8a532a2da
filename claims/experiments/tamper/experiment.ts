/** An experiment: what somebody does to a copy of the evidence, and what `verify` has to say about it. */
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';

import { bundle } from '@outwitness/ledger';
import { openJournal } from '@outwitness/store-sqlite';

import { editPastTriggers, inLedger } from '../../system/ledger-edit.ts';
import { Forgery } from './forgery.ts';
import type { UnderAttack } from './ledger-under-attack.ts';

/**
 * Who: somebody with the files and no key; the root of today with all keys that there still are; somebody who passes
 * evidence on; nobody, where a machine or the writer itself is at work.
 */
type Attacker = 'admin' | 'root' | 'courier' | 'nobody';

/** Rows by the names that expectations use, and what the one who verifies brings along. */
export interface Aim {
  /** The row that was attacked. */
  readonly row?: number;
  readonly pins?: readonly string[];
  readonly now?: number;
  /** The store is touched again and again while it is read. */
  readonly restless?: boolean;
  /** Only so many of the newest rows are judged. */
  readonly newest?: number;
  /** Evidence of the ledger before. */
  readonly predecessor?: string;
}

/**
 * `expected`: verdict (of a successor that of the evidence of the ledger before behind it, `VERIFIED+TAMPERED`), then the code of each finding with the row that it first names: `TAMPERED leaf-hash row, chain
 * row+1, root note`. `note` and `closing` are the last rows under the first note, and the first closing note, that
 * cover the attacked row, `newest` is the newest row of the untouched ledger; without a row none is meant.
 */
export interface Experiment {
  readonly what: string;
  readonly by: Attacker;
  /** Changes a copy of the data directory. */
  readonly store?: (copy: Copy) => Aim | number | void | Promise<Aim>;
  readonly expected?: string;
  /**
   * For an attack on a store: what its export says, or that it is `refused`, or the `same` as that of the untouched one
   * since the change is nothing that a bundle holds. Else makes a bundle or a proof of its own.
   */
  readonly exported?: string;
  readonly file?: (forgery: Forgery, attacked: UnderAttack) => Made | Uint8Array | readonly Made[];
  /** A text that must be among those of the findings, or listed as not checked. */
  readonly lists?: string;
}

export interface Made extends Aim {
  readonly bytes: Uint8Array;
  /** Both are compared; a text is a path. `expected` begins with how they relate: `prefix: VERIFIED`. */
  readonly other?: Uint8Array | string;
}

/** A copy of the data directory, to be harmed. */
export class Copy {
  readonly data: string;
  readonly attacked: UnderAttack;

  constructor(data: string, attacked: UnderAttack) {
    this.data = data;
    this.attacked = attacked;
    cpSync(attacked.data, data, { recursive: true });
  }

  get forgery(): Forgery {
    return Forgery.of(this.data);
  }

  /** SQL of the triggers, as it was before any harm. */
  get triggers(): string[] {
    return inLedger(this.attacked.data, (database) =>
      database
        .prepare("SELECT sql FROM sqlite_schema WHERE type = 'trigger'")
        .all()
        .map(({ sql }) => String(sql)),
    );
  }

  /** What somebody may have kept who looked at the ledger last. */
  get newestNote(): string {
    return Forgery.of(this.attacked.data).notes.at(-1)?.text ?? '';
  }

  get log(): string {
    return join(this.data, 'checkpoints.log');
  }

  /** As an administrator who knows of triggers and constraints: both are back in place afterwards. */
  sql(change: string | ((database: DatabaseSync) => void)): void {
    editPastTriggers(this.data, (database) => {
      database.exec('PRAGMA ignore_check_constraints = ON');
      if (typeof change === 'string') database.exec(change);
      else change(database);
    });
  }
}

/** One input for a verifier, on disk. */
export interface Prepared {
  readonly what: string;
  readonly by: Attacker;
  readonly input: 'store' | 'bundle' | 'proof' | 'evidence' | 'pair';
  readonly path: string;
  /** What it is compared with. */
  readonly other?: string;
  readonly pins: readonly string[];
  readonly now: number;
  readonly newest?: number;
  readonly restless?: boolean;
  readonly predecessor?: string;
  readonly lists?: string;
  /** Verdict and findings, by code: `TAMPERED chain 18, leaf-hash 17`; `USAGE` for what is no evidence at all. */
  readonly expected: string;
}

/** The ledger as it was, and its export. */
export interface Genuine {
  readonly attacked: UnderAttack;
  readonly ledger: Forgery;
  readonly exported: string | undefined;
}

export async function genuineOf(attacked: UnderAttack): Promise<Genuine> {
  const exported = await exportOf(attacked.data, attacked.now);
  return { attacked, ledger: Forgery.of(attacked.data), exported };
}

/** Does the experiment to a copy in a new folder, and to what is exported from it. */
export async function prepare(experiment: Experiment, folder: string, genuine: Genuine): Promise<Prepared[]> {
  const { what, by } = experiment;
  const { attacked } = genuine;
  const prepared = (aim: Aim, input: Prepared['input'], path: string, expected: string): Prepared => ({
    what,
    by,
    input,
    path,
    pins: aim.pins ?? [attacked.vkey],
    now: aim.now ?? attacked.now,
    ...(aim.newest === undefined ? {} : { newest: aim.newest }),
    ...(aim.restless === undefined ? {} : { restless: aim.restless }),
    ...(aim.predecessor === undefined ? {} : { predecessor: aim.predecessor }),
    ...(experiment.lists === undefined ? {} : { lists: experiment.lists }),
    expected: withNumbers(expected, aim.row ?? -1, genuine.ledger) + listing(experiment.lists),
  });
  if (experiment.file !== undefined) {
    const made = experiment.file(Forgery.of(attacked.data), attacked);
    const all = made instanceof Uint8Array ? [{ bytes: made }] : [made].flat();
    return all.map(({ bytes, other, ...aim }: Made, at) => {
      const path = `${folder}-${at}`;
      writeFileSync(path, bytes);
      const input = other === undefined ? kindOf(bytes) : 'pair';
      const one = prepared(aim, input, path, experiment.expected ?? '');
      if (other === undefined || typeof other === 'string')
        return { ...one, ...(other === undefined ? {} : { other }) };
      writeFileSync(`${path}-other`, other);
      return { ...one, other: `${path}-other` };
    });
  }
  const copy = new Copy(folder, attacked);
  const said = (await experiment.store?.(copy)) ?? {};
  const aim = typeof said === 'number' ? { row: said } : said;
  const inputs = [prepared(aim, 'store', folder, experiment.expected ?? '')];
  if (experiment.exported === undefined) return inputs;
  const path = `${folder}.outwitness`;
  const bytes = await exportOf(copy.data, attacked.now);
  if (experiment.exported === 'refused' || experiment.exported === 'same') {
    const got = bytes === undefined ? 'refused' : bytes === genuine.exported ? 'same' : 'another';
    if (got !== experiment.exported) throw new Error(`${what}: the export is ${got}, expected ${experiment.exported}`);
    return inputs;
  }
  if (bytes === undefined) throw new Error(`${what}: the export was refused, expected ${experiment.exported}`);
  writeFileSync(path, bytes);
  return [...inputs, prepared(aim, 'bundle', path, experiment.exported)];
}

function kindOf(bytes: Uint8Array): Prepared['input'] {
  const start = Buffer.from(bytes.subarray(0, 30)).toString('latin1');
  return start.startsWith('c2sp') ? 'proof' : start.startsWith('outwitness-split-view') ? 'evidence' : 'bundle';
}

/** By the exporter of the product; undefined if it refuses. */
async function exportOf(data: string, exported: number): Promise<string | undefined> {
  const aside = `${data}-export`;
  cpSync(data, aside, { recursive: true });
  try {
    const journal = openJournal(join(aside, 'ledger.db'));
    try {
      let text = '';
      for await (const lines of bundle(journal, { exported, software: 'outwitness claim' })) text += lines;
      return text;
    } finally {
      journal.close();
    }
  } catch {
    return undefined;
  }
}

function withNumbers(expected: string, row: number, genuine: Forgery): string {
  const note = (genuine.notes.find(({ size }) => size > row)?.size ?? 0) - 1;
  const closing = (genuine.of('key').find((seq) => seq >= row) ?? genuine.leaves.length - 2) + 1;
  const newest = genuine.leaves.length - 1;
  const rows = { row, note, closing, newest };
  const number = (word: string): string => {
    const [, name = '', offset = '0'] = /^(row|note|closing|newest)?([+-]?\d+)?$/.exec(word) ?? [];
    if (word !== '' && name === '' && offset === '0' && word !== '0')
      throw new Error(`"${word}" in "${expected}" names no row`);
    return `${(name === '' ? 0 : rows[name as 'row']) + Number(offset)}`;
  };
  const [, relation = '', verdict = '', rest = ''] = /^([a-z-]+: )?(\S+)(?: (.*))?$/.exec(expected) ?? [];
  const findings = rest
    .split(', ')
    .filter((one) => one !== '')
    .map((one) => {
      const [code = '', where] = one.split(' ');
      return where === undefined ? `${code} -1` : `${code} ${number(where)}`;
    });
  return `${relation}${verdict} ${findings.toSorted().join(', ')}`.trim();
}

function listing(text: string | undefined): string {
  return text === undefined ? '' : `; lists: ${text}`;
}

/** What a verifier has to say about one input. */
export interface Said {
  readonly verdict: string;
  readonly findings: readonly { readonly code: string; readonly seq: number; readonly text?: string }[];
  readonly notChecked: readonly string[];
  readonly predecessor?: { readonly evidence: { readonly verdict: string } | null };
  /** Of a comparison. */
  readonly relation?: string;
}

/** The same in the form of {@link Prepared.expected}: of each code the first finding. */
export function saying({ verdict, findings, notChecked, relation, predecessor }: Said, lists?: string): string {
  const first = new Map<string, number>();
  for (const { code, seq } of findings) if (!first.has(code)) first.set(code, seq);
  const found = [...first].map(([code, seq]) => `${code} ${seq}`).toSorted();
  const texts = [...notChecked, ...findings.map(({ text = '' }) => text)];
  const listed = texts.find((text) => lists !== undefined && text.includes(lists));
  const both = [verdict, predecessor?.evidence?.verdict].filter((one) => one !== undefined).join('+');
  const said = `${relation === undefined ? '' : `${relation}: `}${both} ${found.join(', ')}`.trim();
  return said + listing(listed === undefined ? undefined : lists);
}
