/** THE RECORD: calls assembled to rows, rows chained and signed, evidence handed out (docs/formats/chain.md, checkpoint.md, bundle.md). */
export type { RowDraft } from './assembler.ts';
export { bundle, type BundleOptions } from './bundle.ts';
export type { EpochLimits } from './epochs.ts';
export type { Damage, DrainedFile } from './drained-file.ts';
export type { LedgerErrorCode } from './errors.ts';
export { type Identity, type Predecessor, predecessorOf } from './genesis.ts';
export { type HighWater, highWater } from './high-water.ts';
export { keyDirectory, type KeyStore } from './keys.ts';
export { lastSignedNote, type Remains } from './last-note.ts';
export { Ledger } from './ledger.ts';
export type { Appended, Clock, Incoming, LedgerOptions } from './ledger-options.ts';
export type { OwnControl, OwnGap, OwnPolicy, OwnRetention, OwnRow } from './own-rows.ts';
export { DAY, type Floor, readFloor } from './retention-policy.ts';
export { proveRow, type RowProof, tlogProof } from './proof.ts';
export { consistencyProof, inclusionProof } from './tree-proofs.ts';
export { keyId, type NamedKey, parseVkey, vkey } from './note.ts';
export type * from './journal.ts';
export type * from './store.ts';
