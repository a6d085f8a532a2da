import fs from 'node:fs';
import path from 'node:path';
import { errorCode, spoolError } from './errors.ts';
import { parseNoteName } from './name.ts';

/** Removes a note of which a row was made. @throws OutwitnessError `spool-name`, `spool-open` */
export function removeNote(directory: string, name: string): void {
  if (parseNoteName(name) === undefined) throw spoolError('spool-name', `${JSON.stringify(name)} is no name of a note`);
  try {
    fs.unlinkSync(path.join(directory, name));
  } catch (cause) {
    if (errorCode(cause) !== 'ENOENT')
      throw spoolError('spool-open', `cannot remove the note ${name}: ${errorCode(cause)}`, cause);
  }
}
