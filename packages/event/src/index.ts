/** The contract of Outwitness: record kinds, field table, vocabularies, limits and canonical bytes. */
export {};
