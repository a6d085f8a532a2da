/** A spool folder with one entry of a mutated name, be it a file, a folder or a link; and the notes in it. */
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { START } from '../../../packages/spool/src/scan.ts';
import { mutate } from './field-classes.ts';
import { fromLatin1 } from './histories.ts';
import type { Kind, Made, Said, Target } from './kind.ts';

const NOTE = '4711-abc-0123abcd.note';
const NAMES = ['4711-0-abc-0123abcd.0.spool', '4711-0-abc-0123abcd.12.spool', '4712-3-zz-0123abcd.0.spool', NOTE];
const ABSENT = '1-0-a-00000000.0.spool';
type Entry = 'file' | 'folder' | 'link' | 'none';

export const SPOOL_FOLDERS: Kind = {
  name: 'spool folder, note',
  share: 6,
  make(dice, folder): Made {
    const { text, how } = mutate('unsupported-node v18.0.0\n', 'a 2 \xc3\xa9\n'.repeat(100), dice);
    const drawn = dice.of(NAMES);
    const changed = dice.chance(0.4) ? drawn : mutate(drawn, dice.of(NAMES), dice).text;
    const name = fromLatin1(changed).toString().replaceAll(/[\0/]/g, '-').slice(0, 80);
    const entry = dice.of<Entry>(['file', 'file', 'folder', 'link', 'none']);
    const bytes = fromLatin1(text);
    return { how, bytes, judge: (target) => judge(target, join(folder, 'spool'), name, entry, bytes) };
  },
};

function judge(target: Target, spool: string, name: string, entry: Entry, bytes: Buffer): Said {
  rmSync(spool, { recursive: true, force: true });
  if (entry === 'none') return refusedOf(() => new target.SpoolReader(spool).list());
  mkdirSync(spool);
  for (const one of NAMES) if (one !== name) writeFileSync(join(spool, one), bytes);
  const path = join(spool, name);
  const isName = name !== '' && name !== '.' && name !== '..';
  if (isName && entry === 'file') writeFileSync(path, bytes);
  if (isName && entry === 'folder') mkdirSync(path);
  if (isName && entry === 'link') symlinkSync('/dev/zero', path);
  const reader = new target.SpoolReader(spool);
  const { segments, notes, strange } = reader.list();
  const all = [...segments.map((one) => one.name), ...notes, ...strange];
  const isListed = !isName || all.includes(name);
  const isSorted = segments.every((one, at) => at === 0 || isBefore(segments[at - 1]!, one));
  const texts = notes.map((note) => reader.readNote(note));
  const said = refusedOf(
    () => reader.read(name, START, 1),
    () => reader.readNote(name),
  );
  refusedOf(() => reader.read(ABSENT, START, 1));
  // oxlint-disable-next-line no-control-regex -- that there are none is the point
  const odd = texts.find(({ text }) => Buffer.byteLength(text) > 512 || !text.isWellFormed() || /[\0-\x1f]/.test(text));
  const wrong = !isListed
    ? `the entry ${JSON.stringify(name)} is not listed`
    : !isSorted
      ? 'segments out of order'
      : odd !== undefined
        ? `the note ${JSON.stringify(odd.text)}`
        : said.accepted && isName && entry !== 'file'
          ? `a ${entry} is read`
          : undefined;
  return { ...said, wrong: said.wrong ?? wrong };
}

const isBefore = (a: { writer: string; segment: number }, b: { writer: string; segment: number }): boolean =>
  a.writer < b.writer || (a.writer === b.writer && a.segment <= b.segment);

/** The reader refuses by errors that it names, and by no others. */
function refusedOf(...reads: (() => unknown)[]): Said {
  let accepted = false;
  for (const read of reads) {
    try {
      read();
      accepted = true;
    } catch (error) {
      if (!String((error as { code?: unknown }).code).startsWith('spool-')) throw error;
    }
  }
  return { verdict: accepted ? 'read' : 'refused', accepted };
}
