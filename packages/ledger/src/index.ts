/** THE RECORD: calls assembled to rows, rows chained and signed, evidence handed out (docs/formats/chain.md, checkpoint.md, bundle.md). */
export type { RowDraft } from './assembler.ts';
export type { Damage, DrainedFile } from './drained-file.ts';
export type { LedgerErrorCode } from './errors.ts';
export type { Identity, Predecessor } from './genesis.ts';
export { keyDirectory, type KeyStore } from './keys.ts';
export { type Appended, type Clock, type Incoming, Ledger, type LedgerOptions } from './ledger.ts';
export type { OwnControl, OwnGap, OwnPolicy, OwnRow } from './own-rows.ts';
export type * from './journal.ts';
export type * from './store.ts';
