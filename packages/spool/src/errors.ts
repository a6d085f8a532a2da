import { OutwitnessError } from '@outwitness/event';

/** Codes thrown by the reader. The writer throws nothing: it counts. */
export type SpoolErrorCode = 'spool-name' | 'spool-open' | 'spool-not-regular';

/** A spool file or directory could not be read. */
export function spoolError(code: SpoolErrorCode, message: string, cause?: unknown): OutwitnessError<SpoolErrorCode> {
  return new OutwitnessError(code, message, cause);
}

/** The `code` of a system error, or its text. */
export function errorCode(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : String(error);
}
