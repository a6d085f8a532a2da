import { OutwitnessError } from '@outwitness/event';

/** Codes thrown by the collector; each is documented in docs/reference/errors.md. */
export type CollectorErrorCode =
  | 'settings-invalid'
  | 'settings-unreadable'
  | 'data-unusable'
  | 'command-not-found'
  | 'control-unanswered'
  | 'setting-fixed'
  | 'access-invalid'
  | 'access-unknown'
  | 'access-refused'
  | 'access-unreadable'
  | 'role-pending'
  | 'evidence-only'
  | 'ledger-unverified'
  | 'succession-refused'
  | 'verifier-failed';

export function collectorError(
  code: CollectorErrorCode,
  message: string,
  cause?: unknown,
): OutwitnessError<CollectorErrorCode> {
  return new OutwitnessError(code, message, cause);
}
