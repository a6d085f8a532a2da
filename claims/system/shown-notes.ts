import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** @returns the newest note of `checkpoints.log`, which is appended to before a note is shown */
export function newestLoggedNote(data: string): string | undefined {
  return newestNoteIn(readFileSync(join(data, 'checkpoints.log'), 'latin1'));
}

/** @returns the note in the newest whole line */
export function newestNoteIn(log: string): string | undefined {
  const line = log.split('\n').at(-2);
  return line === undefined ? undefined : Buffer.from(line.split(' ')[1] ?? '', 'base64').toString();
}
