/** The high-water of a directory (checkpoint.md): what this machine knew of its newest note. Node only. */
import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import process from 'node:process';

import { fromBase64 } from '../bytes.ts';
import { type Note, NOTE_BYTES, parseNote } from '../note.ts';
import { isRegular } from './store-file.ts';

const MOST_FILES = 10_000;

/** Notes kept for ledgers in this directory, of whatever origin. Whoever verifies elsewhere has none. */
export function highWaterNotes(directory: string): Note[] {
  const { XDG_STATE_HOME: state = '' } = process.env;
  const folder = join(isAbsolute(state) ? state : join(homedir(), '.local/state'), 'outwitness');
  try {
    const place = realpathSync(directory);
    const names = readdirSync(folder).filter((name) => name.endsWith('.high-water'));
    return names.slice(0, MOST_FILES).flatMap((name) => readMark(join(folder, name), place));
  } catch {
    return [];
  }
}

function readMark(file: string, place: string): Note[] {
  if (!isRegular(file) || statSync(file).size > 2 * NOTE_BYTES) return [];
  const [head, origin, where, line = ''] = readFileSync(file, 'utf8').split('\n');
  if (head !== 'outwitness-high-water 1' || where !== place) return [];
  const note = parseNote(fromBase64(line.slice(line.indexOf(' ') + 1)));
  return typeof note === 'string' || note.origin !== origin ? [] : [note];
}
