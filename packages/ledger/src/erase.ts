import { type Fold, type NetRow, parseCanonical, clean } from '@outwitness/event';
import type { Members } from './cleaning.ts';
import { ledgerError } from './errors.ts';
import { FoldedRollup } from './folded-rollup.ts';
import type { Erasure, Store } from './store.ts';

/** Kinds whose rows may be erased: the others are what later verification needs. */
const ERASABLE = ['net', 'control', 'gap', 'hook'];
const HOUR = 3_600_000_000;
/** Rows folded at a time. */
const SLICE = 1_000;
/** Bytes of a reason: that of `text`. */
const REASON_BYTES = 512;

/**
 * The `erase` row for one row, and what commits with it.
 *
 * @param cut rows below are dropped
 * @throws OutwitnessError `row-not-erasable`
 */
export async function planErasure(
  store: Store,
  fold: Fold,
  cut: number,
  { seq, actor, why }: { seq: number; actor: string; why: string },
): Promise<{ members: Members; erased: Erasure }> {
  const text = clean(why, REASON_BYTES).trim();
  if (text === '') throw refused(`row ${seq} is to be erased without a reason: expected one. Say why.`);
  const [stored] = await store.rows(seq, seq + 1);
  const row = stored === undefined ? {} : parseCanonical(stored.leaf);
  const kind = String(row['kind']);
  // Below the cut a row is gone even where a crash has left its text for the next start to drop.
  if (stored === undefined || (seq < cut && ERASABLE.includes(kind))) {
    const fact = seq < (await store.size()) ? 'was dropped or erased before' : 'does not exist';
    throw refused(`row ${seq} ${fact}: expected a row with its text. Look it up: outwitness journal --from ${seq}`);
  }
  if (!ERASABLE.includes(kind))
    throw refused(
      `row ${seq} is of kind ${kind}: expected one of ${ERASABLE.join(', ')}. Others stay, so that the rest can be verified.`,
    );
  const members = { kind: 'erase', actor, text, row: seq };
  if (kind !== 'net') return { members, erased: { seq } };
  const net = row as unknown as NetRow;
  const group = { hour: Math.floor((net.time + (net.skew ?? 0)) / HOUR), package: net.package ?? '' };
  return { members, erased: { seq, group: { ...group, entries: await without(store, fold, cut, seq, group) } } };
}

/** An hour of a package as base and leaves give it without that row. */
async function without(
  store: Store,
  fold: Fold,
  cut: number,
  seq: number,
  group: { hour: number; package: string },
): Promise<ReturnType<FoldedRollup['entries']>> {
  const held = (await store.rollup({ from: group.hour, to: group.hour + 1, by: ['package'] })).find(
    (sum) => sum.package === group.package,
  );
  const rollup = new FoldedRollup(fold);
  const base = await store.rollupBase(group.hour, group.hour + 1);
  rollup.start(base.filter((entry) => entry.package === group.package));
  for (let after = Math.max(cut, held?.firstSeq ?? 0) - 1; ;) {
    const rows = await store.packageRows(group.package, after, (held?.lastSeq ?? -1) + 1, SLICE);
    const net = rows
      .filter((one) => one.seq !== seq)
      .map(({ leaf }) => parseCanonical(leaf) as unknown as NetRow)
      .filter((one) => Math.floor((one.time + (one.skew ?? 0)) / HOUR) === group.hour);
    rollup.add(net);
    after = rows.at(-1)?.seq ?? after;
    if (rows.length < SLICE) return rollup.entries();
  }
}

function refused(fact: string): Error {
  return ledgerError('row-not-erasable', fact);
}
