import { OutwitnessError } from '@outwitness/event';

/** Codes thrown by this package. */
export type StoreErrorCode =
  | 'node-version'
  | 'query'
  | 'store-foreign'
  | 'store-locked'
  | 'store-missing'
  | 'store-newer';

/** The message states the fact with expected and got, then what to do. */
export function storeError(code: StoreErrorCode, message: string, cause?: unknown): OutwitnessError<StoreErrorCode> {
  return new OutwitnessError(code, message, cause);
}
