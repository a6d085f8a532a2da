/** Notes stripped, moved, forged, forgotten; a ledger put back to an earlier state of its own. */
import { appendFileSync, cpSync, mkdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

import { logLine } from '../../../packages/verifier/test/reference-writer.ts';
import type { Aim, Copy, Experiment } from './experiment.ts';
import { type Forgery, makeKey } from './forgery.ts';

/** Changes the text of the newest note, or of the one that is so many before it. */
function text(copy: Copy, change: (note: string, forgery: Forgery) => string, before = 0): Aim {
  const { forgery } = copy;
  const { size, text: note } = forgery.notes.at(-1 - before)!;
  copy.sql((database) =>
    database.prepare('UPDATE checkpoints SET note = ? WHERE size = ?').run(change(note, forgery), size),
  );
  return { row: size - 1 };
}

/** Each must be refused as a note: `TAMPERED note`. */
const MALFORMED: Readonly<Record<string, (note: string) => string>> = {
  'without the line of the epoch key': (note) => withoutLine(note, 5),
  'without the line of the log key': (note) => withoutLine(note, 4),
  'without signatures': (note) => note.slice(0, note.indexOf('\n\n') + 2),
  'with its lines in the other order': (note) => swapped(note),
  'with the line of the epoch key twice': (note) => `${note}${note.split('\n')[5]}\n`,
  'with an extension line': (note) => note.replace('\n\n', '\nextension\n\n'),
  'with CRLF': (note) => note.replaceAll('\n', '\r\n'),
  'with a NUL': (note) => note.replace('/outwitness/', '/outwitness\0/'),
  'without its last LF': (note) => note.slice(0, -1),
  'of size 0': (note) => note.replace(/\n\d+\n/, '\n0\n'),
  'with a leading zero in its size': (note) => note.replace(/\n(\d+)\n/, '\n0$1\n'),
  'of a size that is no exact integer': (note) => note.replace(/\n\d+\n/, '\n9999999999999999\n'),
  'with half a root': (note) => note.replace(/\n[A-Za-z0-9+/]{43}=\n/, '\nAAAA\n'),
  'with a root in another base64': (note) =>
    note.replace(/\n[A-Za-z0-9+/]{42}(.)=\n/, (line) => line.replace(/.=/, '-=')),
  'with a space in its origin': (note) => note.replaceAll('local/', 'lo cal/'),
  'without an origin': (note) => note.replace(/^[^\n]+/, ''),
  'with a leading zero in its epoch': (note) => note.replace(/\/epoch\//, '/epoch/0'),
  'with a line of no signature': (note) => `${note}— witness.example\n`,
  'with a signature that is no base64': (note) => `${note}— witness.example/w jWbPPwAAA=AkGFDL\n`,
  'with an empty signature': (note) => `${note}— witness.example/w AAAA\n`,
  'with 65 signatures': (note) => note + '— witness.example/w jWbPPwAAAABkGFDL\n'.repeat(63),
  'of more than 128 KiB': (note) => `${note}— witness.example/w ${'jWbPPwAA'.repeat(20_000)}\n`,
  'with a control character in the name of a witness': (note) => `${note}— witness.exa\u0001mple/w jWbPPwAAAABkGFDL\n`,
  'with another character in place of its last LF': (note) => `${note.slice(0, -1)}A`,
  'with two lines of epoch keys': (note) => note.replace(/\n— (\S+) (.*\n)(— \S+)/, '\n$3 $2$3'),
  'with a plain dash': (note) => note.replaceAll('— ', '- '),
  'with another first name': (note) => note.replace(/\n— local/, '\n— lacal'),
};

function withoutLine(note: string, line: number): string {
  return note.split('\n').toSpliced(line, 1).join('\n');
}

function swapped(note: string): string {
  const lines = note.split('\n');
  return lines
    .with(4, lines[5] ?? '')
    .with(5, lines[4] ?? '')
    .join('\n');
}

const otherSignature =
  (line: number) =>
  (note: string): string =>
    note
      .split('\n')
      .map((one, at) =>
        at === line ? one.replace(/.(..)$/, (end) => (end[0] === 'x' ? 'y' : 'x') + end.slice(1)) : one,
      )
      .join('\n');

function goBack(copy: Copy, { log }: { log: boolean }): Aim {
  const { log: kept, data, attacked } = copy;
  cpSync(`${attacked.earlier}/ledger.db`, `${data}/ledger.db`);
  if (log) cpSync(`${attacked.earlier}/checkpoints.log`, kept);
  return { row: 0 };
}

const STATE = (): string => join(process.env['XDG_STATE_HOME'] ?? '', 'outwitness');

/** What this machine would know if the ledger in this directory had once been as the forgery now is. */
function rememberHere(data: string, { origin, leaves }: Forgery, note: string, change = (mark: string) => mark): void {
  const folder = STATE();
  mkdirSync(folder, { recursive: true });
  const place = realpathSync(data);
  const mark = `outwitness-high-water 1\n${origin}\n${place}\n${logLine(leaves.length, note)}`;
  writeFileSync(join(folder, `${basename(data)}.high-water`), change(mark));
}

export const NOTES: readonly Experiment[] = [
  ...Object.entries(MALFORMED).map(([how, change]): Experiment => ({
    what: `the newest note ${how}`,
    by: 'admin',
    store: (copy) => text(copy, change),
    expected: 'TAMPERED note newest, log-ahead newest, tail newest-4',
    exported: 'TAMPERED bundle, note',
  })),
  {
    what: 'the signature of the epoch key changed',
    by: 'admin',
    store: (copy) => text(copy, otherSignature(5)),
    expected: 'TAMPERED signature row',
    exported: 'TAMPERED signature row',
  },
  {
    what: 'the signature of the log key changed',
    by: 'admin',
    store: (copy) => text(copy, otherSignature(4)),
    expected: 'TAMPERED signature row',
    exported: 'TAMPERED signature row',
  },
  {
    what: 'the key ID of a signature changed',
    by: 'admin',
    store: (copy) => text(copy, (note) => note.replace(/^(— \S+ )...../m, '$1AAAAA')),
    expected: 'TAMPERED signature row',
    exported: 'TAMPERED signature row',
  },
  {
    what: 'the signature of an older note changed',
    by: 'admin',
    store: (copy) => text(copy, otherSignature(4), 30),
    expected: 'TAMPERED signature row',
    exported: 'same',
  },
  {
    what: 'the epoch named another in an older note',
    by: 'admin',
    store: (copy) => text(copy, (note) => note.replace(/\/epoch\/\d+/, '/epoch/77'), 30),
    expected: 'TAMPERED epoch row, key row',
    exported: 'same',
  },
  {
    what: 'the root of a note changed',
    by: 'admin',
    store: (copy) => text(copy, (note) => note.replace(/\n[A-Za-z0-9+/]{43}=\n/, `\n${'A'.repeat(43)}=\n`)),
    expected: 'TAMPERED root row, signature row',
    exported: 'TAMPERED root row, signature row',
  },
  {
    what: 'a note stored under another size',
    by: 'admin',
    store: (copy) => text(copy, (_, forgery) => forgery.notes[3]!.text),
    expected: 'TAMPERED note newest, log-ahead newest, tail newest-4',
    exported: 'TAMPERED bundle',
  },
  {
    what: 'the line of a witness added',
    by: 'nobody',
    store: (copy) => text(copy, (note) => `${note}— witness.example/w jWbPPwAAAABkGFDL\n`),
    expected: 'VERIFIED',
    exported: 'VERIFIED',
  },
  {
    what: 'an older note deleted',
    by: 'admin',
    store: (copy) => {
      const { size } = copy.forgery.notes.at(-20)!;
      copy.sql(`DELETE FROM checkpoints WHERE size = ${size}`);
      return size - 1;
    },
    expected: 'TAMPERED note row',
    exported: 'same',
  },
  {
    what: 'the newest note deleted',
    by: 'admin',
    store: (copy) => {
      copy.sql('DELETE FROM checkpoints WHERE size = (SELECT max(size) FROM checkpoints)');
    },
    expected: 'ROLLBACK log-ahead newest, tail newest-4',
    exported: 'VERIFIED',
  },
  {
    what: 'all notes deleted, the log too',
    by: 'admin',
    store: (copy) => {
      copy.sql('DELETE FROM checkpoints');
      rmSync(copy.log);
    },
    expected: 'UNVERIFIABLE no-note',
    exported: 'refused',
  },
  {
    what: 'a note of a size beyond 2^53',
    by: 'admin',
    store: (copy) => copy.sql('INSERT INTO checkpoints SELECT 9223372036854775807, note FROM checkpoints LIMIT 1'),
    expected: 'TAMPERED note',
    exported: 'same',
  },
  {
    what: 'a genuine note over rows that never were',
    by: 'root',
    store: (copy) => {
      const { forgery } = copy;
      forgery.net();
      forgery.seal();
      const { size, text: note } = forgery.notes.at(-1)!;
      copy.sql((database) => database.prepare('INSERT INTO checkpoints VALUES (?, ?)').run(size, note));
      return size - 2;
    },
    expected: 'TAMPERED truncated row',
    exported: 'refused',
  },
  {
    what: 'a note with no seal under it',
    by: 'root',
    store: (copy) => {
      const { forgery } = copy;
      const row = forgery.net();
      forgery.note();
      forgery.store(copy.data);
      return row;
    },
    expected: 'TAMPERED seal row',
    exported: 'TAMPERED seal row',
  },
  {
    what: 'a note of another origin',
    by: 'root',
    store: (copy) => {
      const { forgery } = copy;
      const row = forgery.sealRow();
      forgery.note({ origin: forgery.origin.replace('local', 'other') });
      forgery.store(copy.data);
      return row;
    },
    expected: 'TAMPERED note row, signature row',
    exported: 'TAMPERED note row, signature row',
  },
  {
    what: 'a line of the log that is none',
    by: 'admin',
    store: (copy) => appendFileSync(copy.log, '999 AAAA\n'),
    expected: 'TAMPERED note 998',
    exported: 'same',
  },
  {
    what: 'half a line at the end of the log',
    by: 'nobody',
    store: (copy) => appendFileSync(copy.log, '999 AAAA'),
    expected: 'VERIFIED',
    exported: 'VERIFIED',
  },
  {
    what: 'an empty log',
    by: 'nobody',
    store: (copy) => writeFileSync(copy.log, ''),
    expected: 'VERIFIED',
    exported: 'same',
  },
  { what: 'no log', by: 'nobody', store: (copy) => rmSync(copy.log), expected: 'VERIFIED', exported: 'same' },
  {
    what: 'the log out of order',
    by: 'admin',
    store: (copy) => {
      const { notes } = copy.forgery;
      const [a, b] = [notes[8]!, notes[9]!];
      writeFileSync(copy.log, [b, a].map((note) => logLine(note.size, note.text)).join(''));
      return a.size - 1;
    },
    expected: 'TAMPERED note row',
    exported: 'same',
  },
  {
    what: 'another root in the log',
    by: 'root',
    store: (copy) => {
      const { forgery } = copy;
      const { size } = forgery.notes.at(-1)!;
      writeFileSync(copy.log, logLine(size, forgery.note({ keep: false, root: Buffer.alloc(32, 1) })));
    },
    expected: 'TAMPERED root newest',
    exported: 'same',
  },
  ...[
    { who: 'as this machine knew it', key: undefined, expected: 'ROLLBACK high-water' },
    { who: 'by the word of another key', key: makeKey('mine'), expected: 'VERIFIED' },
  ].map(({ who, key, expected }): Experiment => ({
    what: `a directory put back as a whole, ${who}`,
    by: 'root',
    store: (copy) => {
      const { forgery } = copy;
      if (key !== undefined) Object.assign(forgery, { logKey: key });
      forgery.net();
      rememberHere(copy.data, forgery, forgery.seal());
    },
    expected,
    exported: 'same',
  })),
  ...Object.entries({
    'of another version': (mark: string) => mark.replace('water 1', 'water 2'),
    'of another origin': (mark: string) => mark.replace('local/', 'other/'),
    'of more than 256 KiB': (mark: string) => mark + 'x'.repeat(300_000),
    'of another place': (mark: string) => mark.replace(/(\n\/.*)\n/, '$1-elsewhere\n'),
  }).map(([how, change]): Experiment => ({
    what: `a directory put back as a whole, what this machine knew ${how}`,
    by: 'root',
    store: (copy) => {
      const { forgery } = copy;
      forgery.net();
      rememberHere(copy.data, forgery, forgery.seal(), change);
    },
    expected: 'VERIFIED',
    lists: 'the high-water: this user has none',
  })),
  {
    what: 'a directory put back as a whole, a folder among what this machine knew',
    by: 'root',
    store: (copy) => {
      const { forgery } = copy;
      forgery.net();
      rememberHere(copy.data, forgery, forgery.seal());
      mkdirSync(join(STATE(), 'folder.high-water'), { recursive: true });
    },
    expected: 'ROLLBACK high-water',
  },
  {
    what: 'a newer note in the log, valid',
    by: 'root',
    store: (copy) => {
      const { forgery } = copy;
      forgery.net();
      const note = forgery.seal();
      appendFileSync(copy.log, logLine(forgery.leaves.length, note));
    },
    expected: 'ROLLBACK log-ahead newest+2',
    exported: 'same',
  },
  {
    what: 'a newer note in the log that nobody signed',
    by: 'admin',
    store: (copy) => {
      const { forgery } = copy;
      Object.assign(forgery, { logKey: makeKey('mine') });
      forgery.net();
      appendFileSync(copy.log, logLine(forgery.leaves.length + 1, forgery.seal()));
    },
    expected: 'TAMPERED signature newest+2',
    exported: 'same',
  },
  {
    what: 'an own earlier state, its log kept',
    by: 'admin',
    store: (copy) => goBack(copy, { log: false }),
    expected: 'ROLLBACK log-ahead newest, stale 171',
    exported: 'STALE stale 171',
  },
  {
    what: 'an own earlier state with its log, the newest note pinned',
    by: 'root',
    store: (copy) => ({ ...goBack(copy, { log: true }), pins: [copy.newestNote] }),
    expected: 'ROLLBACK pin-ahead, stale 171',
    exported: 'ROLLBACK pin-ahead, stale 171',
  },
  {
    what: 'an own earlier state with its log, the log key pinned',
    by: 'root',
    store: (copy) => goBack(copy, { log: true }),
    expected: 'STALE stale 171',
    exported: 'STALE stale 171',
  },
];
