/** The SQLite store of the ledger; schema in docs/formats/store-sqlite.md, way of a row in LIFE-OF-A-ROW.md. */
export type { StoreErrorCode } from './errors.ts';
export { requireNode } from './engine.ts';
export { SqliteJournal } from './journal.ts';
export { holdLock, lockHolder, type StoreLock } from './lock.ts';
export { openEvidence, openJournal, openJournalBesideStore, openStore } from './open.ts';
export { SqliteStore } from './store.ts';
