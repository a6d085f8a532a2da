import { OutwitnessError } from '@outwitness/event';

/** A mistake in the command line: the message says what was expected, what came, what to do. */
export function usageError(message: string): OutwitnessError<'usage'> {
  return new OutwitnessError('usage', message);
}
