/** Leaves dropped, with and without rows that say so; policies lowered to get at them. */
import { createHash } from 'node:crypto';

import { ReferenceLedger } from '../../../packages/verifier/test/reference-writer.ts';
import type { Aim, Copy, Experiment } from './experiment.ts';
import { type Forgery, makeKey, type Members } from './forgery.ts';

const DAY = 86_400_000_000;

interface Drop {
  /** µs that go by before the row is written; default: 91 days. */
  readonly later?: number;
  /** Rows written before it. */
  readonly before?: (forgery: Forgery) => void;
  /** Other members of the `vacuum` row. */
  readonly row?: Members;
  /** Also these leaves go, though they must stay. */
  readonly also?: (forgery: Forgery, to: number) => number[];
  /** What is dropped goes on beyond what the row says. */
  readonly beyond?: number;
  /** Another text of the note at the cut. */
  readonly note?: (text: string) => string;
  /** Afterwards, past the triggers. */
  readonly sql?: string;
  /** No note covers the row: somebody without keys wrote it. */
  readonly unsigned?: boolean;
}

/** The size of the closing note of epoch 2. */
const cutOf = (forgery: Forgery): number => forgery.of('key')[2]! + 2;

/** Drops a prefix as the writer does: row, base, leaves. */
function vacuum(copy: Copy, drop: Drop = {}): Aim {
  const { forgery } = copy;
  const to = cutOf(forgery);
  forgery.time += drop.later ?? 91 * DAY;
  drop.before?.(forgery);
  const stays = (seq: number): boolean =>
    /"kind":"(?:genesis|key|policy|vacuum|erase)"/.test(forgery.leaves[seq] ?? '') || seq === to - 1;
  const gone = [...forgery.leaves.keys()].filter((seq) => seq < to + (drop.beyond ?? 0) && !stays(seq));
  const base = ReferenceLedger.prototype.rollup.call({ leaves: forgery.leaves.slice(0, to) } as never);
  const row = forgery.row({
    kind: 'vacuum', actor: 'collector', text: 'by policy', from: 0, to, dropped: gone.length, rollupDays: daysOf(base),
    ...drop.row,
  }); // prettier-ignore
  if (drop.unsigned !== true) forgery.seal();
  forgery.store(copy.data);
  copy.sql((database) => {
    const entry = database.prepare(`INSERT INTO rollup_base VALUES (${'?, '.repeat(15)}?)`);
    for (const values of base) entry.run(...values);
    const nothing = database.prepare('UPDATE rows SET leaf = NULL WHERE seq = ?');
    for (const seq of [...gone, ...(drop.also?.(forgery, to) ?? [])]) nothing.run(seq);
    const { note = (text: string) => text } = drop;
    const at = forgery.notes.find(({ size }) => size === to)?.text ?? '';
    database.prepare('UPDATE checkpoints SET note = ? WHERE size = ?').run(note(at), to);
    if (drop.sql !== undefined) database.exec(drop.sql);
  });
  return { row, now: forgery.time + 60_000_000 };
}

/** By day: the digest of its entries, ascending by key. */
function daysOf(base: readonly (string | number)[][]): string[] {
  const days = new Map<number, (string | number)[][]>();
  for (const entry of base) {
    const day = Math.floor(Number(entry[0]) / 24);
    days.set(day, [...(days.get(day) ?? []), entry]);
  }
  const byKey = (a: readonly (string | number)[], b: readonly (string | number)[]): number => {
    const at = a.findIndex((value, column) => value !== b[column]);
    return typeof a[at] === 'number'
      ? a[at] - Number(b[at])
      : Buffer.compare(Buffer.from(`${a[at]}`), Buffer.from(`${b[at]}`));
  };
  return [...days].map(([day, entries]) => {
    const lines = entries.toSorted(byKey).map((entry) => `${JSON.stringify(entry)}\n`);
    return `${day} ${createHash('sha256').update(lines.join('')).digest('hex')}`;
  });
}

/** Lowers the policy; with a day and a closed epoch between, it counts. */
function lowered(forgery: Forgery, settled: boolean): void {
  forgery.row({ kind: 'policy', event: 'retention', keepDays: 1, text: 'keep a day' });
  if (!settled) return;
  forgery.nextEpochBy(makeKey('next'));
  forgery.seal();
  forgery.epoch += 1;
  forgery.time += DAY;
}

interface Erase {
  /** Default: a call of a closed epoch. */
  readonly gone?: number;
  readonly leafStays?: boolean;
  readonly counted?: boolean;
  readonly signed?: boolean;
  /** Rows written behind the last note. */
  readonly behind?: (forgery: Forgery, row: number) => void;
}

function erase(copy: Copy, members: Members = {}, options: Erase = {}): Aim {
  const { forgery } = copy;
  const { gone: row = forgery.callIn(3), leafStays = false, counted = false, signed = true, behind } = options;
  const said = forgery.row({ kind: 'erase', actor: 'officer', text: 'on request', row, ...members });
  if (signed) forgery.seal();
  behind?.(forgery, row);
  const contribution = forgery.leaves[row] ?? '';
  if (!counted) forgery.leaves[row] = '{}';
  forgery.store(copy.data);
  copy.sql((database) =>
    database.prepare('UPDATE rows SET leaf = ? WHERE seq = ?').run(leafStays ? contribution : null, row),
  );
  return { row: said };
}

const dropped = (what: string, expected: string, drop: Drop, exported?: string): Experiment => ({
  what, by: 'root', expected, store: (copy) => vacuum(copy, drop), ...(exported === undefined ? {} : { exported }),
}); // prettier-ignore

export const RETENTION: readonly Experiment[] = [
  dropped('rows dropped after 91 days, as the policy says', 'INCOMPLETE dropped 1', {}, 'INCOMPLETE dropped 1'),
  dropped(
    'rows dropped after a policy that was lowered a day before under a closing note',
    'INCOMPLETE dropped 1',
    { later: 2 * DAY, before: (forgery) => lowered(forgery, true) },
    'INCOMPLETE dropped 1',
  ),
  dropped(
    'rows dropped after an hour',
    'POLICY vacuum-age row, dropped 1',
    { later: 3_600_000_000 },
    'POLICY vacuum-age row, dropped 1',
  ),
  dropped(
    'rows dropped by a policy lowered at once',
    'POLICY vacuum-floor row, dropped 1',
    { later: 2 * DAY, before: (forgery) => lowered(forgery, false) },
    'POLICY vacuum-floor row, dropped 1',
  ),
  dropped('rows dropped by a policy lowered in an epoch just closed', 'POLICY vacuum-floor row, dropped 1', {
    later: 2 * DAY,
    before: (forgery) => {
      lowered(forgery, true);
      forgery.time -= DAY;
    },
  }),
  dropped(
    'a hole in the middle',
    'POLICY vacuum-range row, dropped 1',
    { row: { from: 50 } },
    'POLICY vacuum-range row, dropped 1',
  ),
  dropped('a cut that is empty', 'TAMPERED leaf-gone 1, vacuum-range row, vacuum-unsigned row', { row: { to: 0 } }),
  dropped('a cut beyond its own row', 'TAMPERED rollup 81, vacuum-range row, vacuum-unsigned row, dropped 1', {
    row: { to: 9999 },
  }),
  dropped('a cut where no note ends', 'TAMPERED leaf-gone 60, vacuum-unsigned row, dropped 1', { row: { to: 60 } }),
  dropped('a cut whose note has another root', 'TAMPERED root 126, signature 126, vacuum-unsigned row, dropped 1', {
    note: (text) => text.replace(/\n[A-Za-z0-9+/]{43}=\n/, `\n${'A'.repeat(43)}=\n`),
  }),
  dropped('more dropped than the row says', 'TAMPERED leaf-gone 127, rollup, dropped 1', { beyond: 12 }),
  dropped('a key row dropped with them', 'TAMPERED leaf-gone 126, epoch 83, key 126, dropped 1', {
    also: (forgery) => [forgery.of('key')[1]!],
  }),
  {
    ...dropped('the genesis row dropped with them', 'TAMPERED leaf-gone 126, epoch 46, key 47, dropped 0', {
      also: () => [0],
    }),
    lists: 'the leaf of the genesis row must stay',
  },
  dropped('the seal at the cut dropped with them', 'TAMPERED leaf-gone 126, dropped 1', { also: (_, to) => [to - 1] }),
  dropped('the vacuum row dropped with them', 'TAMPERED leaf-gone row+1, rollup', {
    also: (forgery) => [forgery.of('vacuum')[0]!],
  }),
  dropped('the base of the rollup with fewer bytes', 'TAMPERED rollup, dropped 1', {
    sql: 'UPDATE rollup_base SET bytes_out = 0 WHERE first_seq = (SELECT max(first_seq) FROM rollup_base)',
  }),
  dropped('the base of the rollup emptied', 'TAMPERED rollup, dropped 1', { sql: 'DELETE FROM rollup_base' }),
  dropped('another digest of the base', 'TAMPERED rollup, dropped 1', {
    row: { rollupDays: [`20717 ${'ab'.repeat(32)}`] },
  }),
  dropped('rows dropped and their cells of the rollup too', 'TAMPERED rollup 6, dropped 1', {
    sql: 'DELETE FROM rollup WHERE last_seq < 100',
  }),
  {
    what: 'rows dropped by a vacuum row that nobody signed',
    by: 'admin',
    store: (copy) => vacuum(copy, { unsigned: true }),
    expected: 'TAMPERED leaf-gone 1, tail row, stale row-1',
  },
  {
    what: 'a call erased by a row that nobody signed',
    by: 'admin',
    store: (copy) => erase(copy, {}, { signed: false }),
    expected: 'TAMPERED leaf-gone 137, tail row',
  },
  {
    what: 'a call erased, with its reason',
    by: 'nobody',
    store: (copy) => erase(copy),
    expected: 'INCOMPLETE dropped 137',
  },
  {
    what: 'rows dropped by a row of a time that is yet to come',
    by: 'root',
    store: (copy) => ({ ...vacuum(copy), now: copy.attacked.now }),
    expected: 'POLICY vacuum-age row, dropped 1',
  },
  dropped(
    'rows dropped by a policy lowered now, in an epoch said to be closed long ago',
    'POLICY vacuum-floor row, dropped 1',
    {
      later: DAY / 2,
      before: (forgery) => {
        const now = forgery.time;
        forgery.time -= 2 * DAY;
        lowered(forgery, true);
        forgery.time = now;
      },
    },
    'POLICY vacuum-floor row, dropped 1',
  ),
  {
    what: 'a proof of the row that drops others',
    by: 'nobody',
    file: (forgery) => {
      forgery.row({
        kind: 'vacuum', actor: 'collector', text: 'by policy', from: 127, to: 150, dropped: 7, rollupDays: [],
      }); // prettier-ignore
      forgery.seal();
      return Buffer.from(forgery.proof(forgery.of('vacuum')[0]!));
    },
    expected: 'INCOMPLETE subset',
  },
  {
    what: 'a call erased twice, at first without a reason',
    by: 'root',
    store: (copy) => {
      const { forgery } = copy;
      forgery.row({ kind: 'erase', actor: 'officer', text: '', row: forgery.callIn(3) });
      forgery.store(copy.data);
      return erase(copy);
    },
    expected: 'POLICY erase-row row-1, dropped 137',
  },
  {
    what: 'a call erased, and once more by a row that nobody signed',
    by: 'admin',
    store: (copy) =>
      erase(
        copy,
        {},
        {
          behind: (forgery, row) => forgery.row({ kind: 'erase', actor: 'officer', text: 'again', row }),
        },
      ),
    expected: 'INCOMPLETE dropped 137, tail row+2',
  },
  {
    what: 'a seal erased',
    by: 'root',
    store: (copy) => erase(copy, {}, { gone: copy.forgery.of('seal')[20]! }),
    expected: 'POLICY erase-row row, dropped 93',
    exported: 'INCOMPLETE dropped 93',
  },
  {
    what: 'a call erased without a reason',
    by: 'root',
    store: (copy) => erase(copy, { text: '' }),
    expected: 'POLICY erase-row row, dropped 137',
  },
  {
    what: 'a call said to be erased that is still there',
    by: 'root',
    store: (copy) => erase(copy, {}, { leafStays: true }),
    expected: 'TAMPERED erase-row row, rollup 137',
  },
  {
    what: 'a call erased that still counts',
    by: 'root',
    store: (copy) => erase(copy, {}, { counted: true }),
    expected: 'TAMPERED rollup, dropped 137',
  },
  {
    what: 'a row erased that comes later',
    by: 'root',
    store: (copy) => erase(copy, { row: 9999 }),
    expected: 'TAMPERED leaf-gone 137, erase-row row',
  },
  {
    what: 'another count of the rows that stay',
    by: 'root',
    store: (copy) => sealed(copy, { kept: 99 }),
    expected: 'TAMPERED seal row',
    exported: 'TAMPERED seal row',
  },
  {
    what: 'no count of the rows that stay',
    by: 'root',
    store: (copy) => sealed(copy, { kept: undefined as never }),
    expected: 'TAMPERED seal row',
    exported: 'TAMPERED seal row',
  },
];

function sealed(copy: Copy, members: Members): number {
  const { forgery } = copy;
  const row = forgery.sealRow(members);
  forgery.note();
  forgery.store(copy.data);
  return row;
}
