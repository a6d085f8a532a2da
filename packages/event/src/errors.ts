/** Every failure that a part of Outwitness reports on purpose. The message states the fact with expected and got, then what to do. */
export class OutwitnessError<Code extends string = string> extends Error {
  override readonly name = 'OutwitnessError';
  readonly code: Code;

  constructor(code: Code, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

/** Codes thrown by this package. */
export type EventErrorCode = 'canonical-syntax' | 'canonical-value' | 'record-shape';
