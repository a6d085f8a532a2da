/** What no signature covers, and where docs/formats says so: only in these may something accepted differ from what was written. */
export const WITNESSES = 'lines of witnesses in a note (checkpoint.md, "Note")';
export const EPOCH_LINE =
  'the signature of the epoch key, where only that of the log key counts (verification.md, "Pins", "Comparing two")';
export const EXPORTED = 'the line exported (bundle.md, "What nothing signs")';
export const TEXTS = 'which texts under their own digest are there (bundle.md, "What nothing signs")';
export const NOTES =
  'which notes are there beside the one judged and the closing ones (bundle.md, "What nothing signs")';
export const UNRELATED =
  'notes of the same log whose roots do not follow from a part, listed as not checked (bundle.md, "Range")';
export const LOG_SIGNATURES =
  'signatures of notes in checkpoints.log that the store has too (verification.md, "Order for a store", 7)';
export const LOG_LINES =
  'lines of checkpoints.log that are gone, and one that is not ended (verification.md, "Order for a store", 7)';
export const GENESIS_LINE = 'the line genesis of a split view whose key is pinned (verification.md, "Split view")';
export const PIN_LINES = 'pins of other ledgers beside the one that holds (verification.md, "Pins")';
