import { hash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { syncDirectory } from './keys.ts';
import type { StoredNote } from './store.ts';

/** The newest note of one ledger in one place, kept elsewhere; docs/formats/checkpoint.md, "High-water". */
export interface HighWater {
  /** Where it is kept. */
  readonly file: string;
  /** `undefined` if there is none, or what there is speaks of another ledger or place. */
  read(): StoredNote | undefined;
  /** A crash leaves the one before or this one. */
  write(note: StoredNote): void;
}

/**
 * @param state the user's folder for state
 * @param directory that of `ledger.db`; must exist
 */
export function highWater(state: string, directory: string): (origin: string) => HighWater {
  const place = fs.realpathSync(directory);
  return (origin) => {
    const folder = path.join(state, 'outwitness');
    const name = hash('sha256', `${origin}\n${place}`, 'hex').slice(0, 32);
    const file = path.join(folder, `${name}.high-water`);
    const head = `outwitness-high-water 1\n${origin}\n${place}\n`;
    return {
      file,
      read() {
        const text = fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
        const [, size, note] = /^([1-9]\d{0,15}) ([A-Za-z0-9+/=]+)\n$/.exec(text.slice(head.length)) ?? [];
        if (!text.startsWith(head) || note === undefined) return undefined;
        return { size: Number(size), note: Buffer.from(note, 'base64').toString() };
      },
      write({ size, note }) {
        const line = `${size} ${Buffer.from(note).toString('base64')}\n`;
        // Not synced: after a power cut an older one is no harm, and each batch would wait for it.
        try {
          fs.writeFileSync(`${file}.new`, head + line, { mode: 0o600 });
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
          fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
          syncDirectory(state);
          fs.writeFileSync(`${file}.new`, head + line, { mode: 0o600 });
        }
        fs.renameSync(`${file}.new`, file);
      },
    };
  };
}
