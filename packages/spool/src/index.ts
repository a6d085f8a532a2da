/** The process boundary: framed append-only files between an audited process and the collector. */
export {};
