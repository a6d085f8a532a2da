import { ledgerError } from './errors.ts';
import type { Store, StoredRow } from './store.ts';

/**
 * Reads a batch back on another connection: what lies there must be what was signed.
 *
 * @returns the error to freeze the ledger with, `undefined` if all is well
 */
export async function readBack(store: Pick<Store, 'reread'>, rows: readonly StoredRow[]): Promise<Error | undefined> {
  const first = rows[0]?.seq ?? 0;
  const stored = await store.reread(first, first + rows.length);
  const wrong = rows.find((row, i) => !same(row, stored[i]));
  if (wrong === undefined && stored.length === rows.length) return undefined;
  return ledgerError(
    'ledger-frozen',
    `row ${wrong?.seq ?? first + rows.length} was read back otherwise than it was written: expected the same bytes. Keep the evidence and begin a successor ledger.`,
  );
}

function same(a: StoredRow, b: StoredRow | undefined): boolean {
  return b !== undefined && a.seq === b.seq && a.leaf === b.leaf && Buffer.compare(a.rowHash, b.rowHash) === 0;
}
