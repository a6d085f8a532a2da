/** Spool files replayed, torn, emptied, foreign or gone beside a ledger: what the writer makes of them, and `verify` of that. */
import { appendFileSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { encodeRecord, frameText, type Unnumbered } from '@outwitness/spool';
import { openStore } from '@outwitness/store-sqlite';

import { SpoolDrain } from '../../../packages/collector/src/spool-drain.ts';
import type { Aim, Copy, Experiment } from './experiment.ts';
import { openLedger, WRITERS } from './ledger-under-attack.ts';

/** The spool of a copy: its first file, and the number that its next record would have. */
interface Spool {
  readonly file: string;
  readonly folder: string;
  readonly next: number;
}

const bytesOf = (record: object, n: number): Buffer => {
  const { text, bytes } = encodeRecord(record as Unnumbered, n);
  const frame = frameText(text, bytes);
  return Buffer.from(frame);
};
const gapRecord = (time: number): object => ({
  kind: 'gap',
  event: 'degraded',
  text: 'slow disk',
  missing: 0,
  count: 1,
  time,
});

type Change = (spool: Spool, now: number) => void;

/** Changes the spool, then lets the writer go on for one batch. */
async function goesOn(copy: Copy, change: Change, expected: string): Promise<Aim> {
  const { data, attacked } = copy;
  const store = openStore(join(data, 'ledger.db'));
  try {
    let wall = attacked.now;
    const ledger = await openLedger(data, store, () => (wall += 1000));
    const size = ledger.size;
    const folder = join(data, 'spool');
    const name = `${WRITERS[0]}.0.spool`;
    const drain = new SpoolDrain(folder, [...ledger.spools().values()]);
    change({ file: join(folder, name), folder, next: ledger.spools().get(name)?.n ?? 0 }, wall);
    drain.turn(wall / 1000);
    const { rows } = await ledger.append({ own: [], ...drain.harvest() });
    const made = rows.map(({ leaf }) => JSON.parse(leaf) as Record<string, unknown>);
    const told = made
      .filter(({ kind, event }) => kind === 'gap' && event !== 'killed')
      .map(({ event, missing }) => `${String(event)} ${String(missing)}`);
    if (told.join(', ') !== expected) throw new Error(`the writer tells "${told.join(', ')}", expected "${expected}"`);
    return { row: size, now: wall + 60_000_000 };
  } finally {
    store.close();
  }
}

/** @param told the gap rows that the writer makes, with the rows that they miss; that its processes are gone goes without saying */
const spool = (what: string, told: string, expected: string, change: Change): Experiment => ({
  what: `a spool file ${what}`, by: 'admin', expected, exported: expected, store: (copy) => goesOn(copy, change, told),
}); // prettier-ignore

/** What of a replayed file has no number of its own; its calls are known and make no second row. */
const TAKEN_AGAIN = `${'degraded 0, '.repeat(8)}numbering 0`;

export const SPOOLS: readonly Experiment[] = [
  spool('that goes on', 'degraded 0', 'VERIFIED', ({ file, next }, now) =>
    appendFileSync(file, bytesOf(gapRecord(now), next)),
  ),
  spool('changed where it is read already', '', 'VERIFIED', ({ file }) => {
    const bytes = readFileSync(file);
    writeFileSync(file, bytes.fill(0x78, 10, 60));
  }),
  spool('replayed from its beginning', TAKEN_AGAIN, 'VERIFIED', ({ file }) => appendFileSync(file, readFileSync(file))),
  spool('with a record taken out', 'degraded 0, numbering 1', 'INCOMPLETE gap row+1', ({ file, next }, now) =>
    appendFileSync(file, bytesOf(gapRecord(now), next + 1)),
  ),
  spool('with a record that is torn', 'torn 0', 'VERIFIED', ({ file, next }, now) =>
    appendFileSync(file, bytesOf(gapRecord(now), next).subarray(0, 20)),
  ),
  spool('with a byte changed in a record', 'degraded 0, damaged 1', 'INCOMPLETE gap row+1', ({ file, next }, now) => {
    const bytes = bytesOf(gapRecord(now), next);
    appendFileSync(file, bytes.fill(0x78, bytes.length - 10, bytes.length - 9));
    appendFileSync(file, bytesOf(gapRecord(now), next + 1));
  }),
  spool('emptied', '', 'VERIFIED', ({ file }) => truncateSync(file)),
  spool('written anew from its beginning', '', 'VERIFIED', ({ file }, now) =>
    writeFileSync(file, bytesOf(gapRecord(now), 0)),
  ),
  spool('deleted', '', 'VERIFIED', ({ file }) => rmSync(file)),
  spool(
    'with a record that only the writer of the ledger makes',
    'damaged 1',
    'INCOMPLETE gap row',
    ({ file, next }, now) => appendFileSync(file, bytesOf({ kind: 'seal', epoch: 99, time: now, text: 'x' }, next)),
  ),
  spool('of a process that never was', 'degraded 0', 'VERIFIED', ({ folder }, now) =>
    writeFileSync(join(folder, '4799-0-mfs00009-0a1b2c3d.0.spool'), bytesOf(gapRecord(now), 0)),
  ),
  spool('that is a link to another one', '', 'VERIFIED', ({ file, folder }) =>
    symlinkSync(file, join(folder, '4799-0-mfs00009-0a1b2c3d.0.spool')),
  ),
];
