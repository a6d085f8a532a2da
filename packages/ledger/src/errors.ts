import { OutwitnessError } from '@outwitness/event';

/** Codes thrown by this package. */
export type LedgerErrorCode =
  | 'catalogue-unknown'
  | 'checkpoint-log'
  | 'drained-file'
  | 'key-missing'
  | 'keys-shared'
  | 'key-mode'
  | 'key-mismatch'
  | 'key-weak'
  | 'key-malformed'
  | 'ledger-append'
  | 'ledger-closed'
  | 'ledger-damaged'
  | 'ledger-exists'
  | 'ledger-frozen'
  | 'ledger-rolled-back'
  | 'note-malformed'
  | 'operator-name'
  | 'range'
  | 'row-dropped'
  | 'row-not-erasable';

/** The message states the fact with expected and got, then what to do. */
export function ledgerError(code: LedgerErrorCode, message: string, cause?: unknown): OutwitnessError<LedgerErrorCode> {
  return new OutwitnessError(code, message, cause);
}
