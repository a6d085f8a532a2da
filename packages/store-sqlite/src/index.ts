/** The SQLite store of the ledger, with an append-only schema. */
export {};
