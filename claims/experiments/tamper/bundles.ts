/** Files: bundles cut, spliced, mended and shown as more than they are; proofs of one row. */
import { hash } from 'node:crypto';

import type { Experiment, Made } from './experiment.ts';
import { type Forgery, makeKey } from './forgery.ts';
import { finishBundle, ReferenceLedger } from '../../../packages/verifier/test/reference-writer.ts';

type Lines = (lines: string[], forgery: Forgery) => string[];

/** The whole ledger as lines, changed by somebody who ends them with the right digest. */
function lines(
  what: string,
  expected: string,
  change: Lines,
  range: Parameters<Forgery['bundleLines']>[0] = {},
): Experiment {
  return {
    what: `a bundle with ${what}`, by: 'courier', expected,
    file: (forgery) => ({ row: TARGET, bytes: finishBundle(change(forgery.bundleLines(range), forgery)) }),
  }; // prettier-ignore
}

/** The same, as bytes. */
function bytes(what: string, expected: string, change: (bundle: Buffer, forgery: Forgery) => Uint8Array): Experiment {
  return {
    what: `a bundle with ${what}`,
    by: 'courier',
    expected,
    file: (forgery) => change(forgery.bundle(), forgery),
  };
}

function proof(
  what: string,
  expected: string,
  change: (text: string, forgery: Forgery) => string,
  more: Omit<Made, 'bytes'> = {},
): Experiment {
  return {
    what: `a proof with ${what}`, by: 'courier', expected,
    file: (forgery) => ({ row: TARGET, ...more, bytes: Buffer.from(change(forgery.proof(TARGET), forgery)) }),
  }; // prettier-ignore
}

/** A call of a closed epoch. */
const TARGET = 150;
const PART = { from: 130, to: 170 };
const is =
  (word: string) =>
  (line: string): boolean =>
    line === word || line.startsWith(`${word} `);
const replaced =
  (word: string, by: string | ((line: string) => string)): Lines =>
  (all) =>
    all.map((line) => (is(word)(line) ? (typeof by === 'string' ? by : by(line)) : line));
const without =
  (word: string): Lines =>
  (all) =>
    all.filter((line) => !is(word)(line));
const otherHash = (line: string): string => line.replace(/[0-9a-f]{64}$/, '11'.repeat(32));

const EXTRA = (text: string, change: (extra: Record<string, unknown>) => unknown): string =>
  text.replace(
    /^extra (\S+)$/m,
    (_, extra: string) =>
      `extra ${Buffer.from(JSON.stringify(change(JSON.parse(Buffer.from(extra, 'base64').toString()) as Record<string, unknown>))).toString('base64')}`,
  );

/** Each is refused as of another form: `TAMPERED bundle`. */
const OF_OTHER_FORM: Readonly<Record<string, Lines>> = {
  'another word of the same length': replaced('exported', (line) => line.replace('exported', 'exporter')),
  'an export time beyond 2^53': replaced('exported', 'exported 9999999999999999 x'),
  'a row that no note covers': (all, { leaves }) =>
    replaced('range', 'range 0 301')(
      all.flatMap((line) => (line.startsWith('row 299 ') ? [line, `row 300 ${leaves[299]}`] : [line])),
      undefined as never,
    ),
  'another word for a hash': (all, { hashes }) =>
    all.map((line) => (line.startsWith(`row ${TARGET} `) ? `hush ${TARGET} ${hashes[TARGET]!.toString('hex')}` : line)),
  'a text of 5 MiB': (all) => {
    const text = Buffer.alloc(5 << 20, 0x61);
    return [...all, `text ${hash('sha256', text)} ${text.toString('base64')}`];
  },
  'more than 50,000 notes': (all) => [
    ...all.slice(0, 4),
    ...Array.from({ length: 50_001 }, (_, at) => `note ${Buffer.from(smallNote(at + 1)).toString('base64')}`),
  ],
  'no note': without('note'),
  'notes out of order': (all) => [...all.slice(0, 4), all[5]!, all[4]!, ...all.slice(6)],
  'a note twice': (all) => [...all.slice(0, 5), ...all.slice(4)],
  'a range beyond its note': replaced('range', 'range 0 9999'),
  'an empty range': replaced('range', 'range 3 3'),
  'a text of 4 MiB and a byte': (all) => {
    const text = Buffer.alloc(4 * 1024 * 1024 + 1, 'a');
    return [...all, `text ${hash('sha256', text)} ${text.toString('base64')}`];
  },
  'a word more behind a text': (all) => all.map((line) => (is('text')(line) ? `${line} more` : line)),
  'a number more behind the range': (all) => all.map((line) => (is('range')(line) ? `${line} 300` : line)),
  'a range that is no number': replaced('range', 'range 00 300'),
  'a range beyond 2^53': replaced('range', 'range 0 9007199254740993'),
  'no line of the range': without('range'),
  'an export time that is no number': replaced('exported', 'exported soon x'),
  'subtrees where none belong': replaced('left', `left ${'00'.repeat(32)}`),
  'a subtree that is no hash': replaced('right', 'right 00'),
  'a word that nobody knows': (all) => [...all, 'rollup 1'],
  'a space at the end of a line': replaced('left', 'left '),
  'a row left out at the end': (all) => all.filter((line) => !line.startsWith('row 299 ')),
  'a text that is no base64': replaced('text', 'text 00 e30'),
  'a text with a stray bit in its base64': replaced('text', 'text 00 e31='),
  'a row that is no UTF-8 in its word': (all) =>
    all.map((line) => (line.startsWith('row 7 ') ? `r\u{FFFD}w 7 {}` : line)),
  'one row more': (all) =>
    all.flatMap((line) => (line.startsWith('row 299 ') ? [line, line.replace('row 299', 'row 300')] : [line])),
};

export const BUNDLES: readonly Experiment[] = [
  lines('nothing changed', 'VERIFIED', (all) => all),
  lines('a part of the rows', 'INCOMPLETE subset', (all) => all, PART),
  lines('a part that begins with genesis', 'INCOMPLETE subset', (all) => all, { from: 0, to: 170 }),
  lines('a part that ends with the newest seal', 'INCOMPLETE subset', (all) => all, { from: 130, to: 300 }),
  lines('an empty range with all that belongs to it', 'TAMPERED bundle', (all) => all, { from: TARGET, to: TARGET }),
  lines(
    'a proved row twice',
    'TAMPERED bundle',
    (all) => all.flatMap((line, at) => (line.startsWith('leaf 0 ') ? [line, all[at + 1]!, line] : [line])),
    PART,
  ),
  lines(
    'a subtree in upper-case hex',
    'TAMPERED bundle',
    replaced('right', (line) => line.replace(/[0-9a-f]{64}$/, (hex) => hex.toUpperCase())),
    PART,
  ),
  lines('a note that is no UTF-8', 'TAMPERED note, bundle', (all) =>
    all.map((line, at) => (at === 4 ? `note ${noUtf8(line.slice('note '.length))}` : line)),
  ),
  lines('a part shown as the whole', 'TAMPERED bundle', replaced('range', 'range 0 300'), PART),
  lines(
    'a part whose rows carry the first numbers',
    'TAMPERED bundle',
    (all) => replaced('range', 'range 0 40')(all, undefined as never),
    PART,
  ),
  lines(
    'calls to one host left out and the numbers closed up',
    'TAMPERED seq 20, chain 20, seal 23, root 24, epoch 79, bundle',
    (all) => {
      let seq = 0;
      return all
        .filter((line) => !/^row .*"host":"api3\.example"/.test(line))
        .map((line) => (line.startsWith('row ') ? line.replace(/^row \d+/, () => `row ${seq++}`) : line));
    },
  ),
  lines('calls to one host left out', 'TAMPERED seq 21, chain 21, seal 24, root 24, epoch 126, bundle', (all) =>
    all.filter((line) => !/^row .*"host":"api3\.example"/.test(line)),
  ),
  lines('one row as a hash', 'TAMPERED leaf-gone row', (all, { hashes }) =>
    all.map((line) => (line.startsWith(`row ${TARGET} `) ? `hash ${TARGET} ${hashes[TARGET]!.toString('hex')}` : line)),
  ),
  lines(
    'one row as another hash',
    'TAMPERED leaf-gone row, chain row+1, root row+1',
    replaced(`row ${TARGET}`, `hash ${TARGET} ${'00'.repeat(32)}`),
  ),
  lines('the newest seal as a hash', 'TAMPERED leaf-gone newest', (all, { hashes }) =>
    all.map((line) => (line.startsWith('row 299 ') ? `hash 299 ${hashes[299]!.toString('hex')}` : line)),
  ),
  lines('a changed row', 'TAMPERED chain row+1, root row+1', (all) =>
    all.map((line) =>
      line.startsWith(`row ${TARGET} `)
        ? line.replace('"salt":"', '"salt":"0').replace(/("salt":"0.{31})./, '$1')
        : line,
    ),
  ),
  lines('a row twice', 'TAMPERED seq row, chain row, seal row+1, root row+1, bundle', (all) =>
    all.flatMap((line) => (line.startsWith(`row ${TARGET} `) ? [line, line] : [line])),
  ),
  lines('two rows swapped', 'TAMPERED seq row+1, chain row+1, seal row+1, root row+1', (all) => {
    const at = all.findIndex(is(`row ${TARGET}`));
    return [...all.slice(0, at), all[at + 1]!, all[at]!, ...all.slice(at + 2)];
  }),
  lines('another origin', 'TAMPERED note newest', replaced('origin', 'origin local/outwitness/ab')),
  lines('no closing notes', 'TAMPERED epoch newest', (all) =>
    all.filter((line) => !is('note')(line) || line === all.findLast(is('note'))),
  ),
  lines('a note that is no base64', 'TAMPERED note, bundle', replaced('note', 'note ***')),
  { ...lines('no text of the catalogue', 'VERIFIED', without('text')), lists: 'their text is not here' },
  lines('a text of another digest', 'TAMPERED text', replaced('text', `text ${'00'.repeat(32)} e30=`)),
  ...Object.entries(OF_OTHER_FORM).map(([what, change]) => lines(what, 'TAMPERED bundle', change)),
  lines('a wrong proof of genesis', 'TAMPERED root 0, subset', replaced('proof 0', otherHash), PART),
  lines(
    'a proof of another row',
    'TAMPERED bundle',
    replaced('proof 0', (line) => line.replace('proof 0', 'proof 1')),
    PART,
  ),
  lines(
    'a proof of genesis cut short',
    'TAMPERED root 0, subset',
    replaced('proof 0', (line) => line.slice(0, -65)),
    PART,
  ),
  lines(
    'a proof of genesis too long',
    'TAMPERED root 0, subset',
    replaced('proof 0', (line) => `${line} ${'11'.repeat(32)}`),
    PART,
  ),
  lines('a wrong subtree before it', 'TAMPERED root 131, subset', replaced('left', otherHash), PART),
  lines('a wrong subtree behind it', 'TAMPERED root newest, subset', replaced('right', otherHash), PART),
  lines(
    'a subtree too few',
    'TAMPERED bundle',
    replaced('right', (line) => line.slice(0, -65)),
    PART,
  ),
  lines(
    'no genesis row',
    'TAMPERED bundle',
    (all) => without('proof 0')(without('leaf 0')(all, undefined as never), undefined as never),
    PART,
  ),
  lines(
    'no seal of the newest note',
    'TAMPERED bundle',
    (all) => without('proof 299')(without('leaf 299')(all, undefined as never), undefined as never),
    PART,
  ),
  lines(
    'no key row of the newest epoch',
    'TAMPERED epoch 272, key 272, subset',
    (all, forgery) => {
      const seq = forgery.of('key').at(-1)!;
      return without(`proof ${seq}`)(without(`leaf ${seq}`)(all, forgery), forgery);
    },
    PART,
  ),
  lines(
    'no key row in the middle',
    'TAMPERED epoch 260, key 266, subset',
    (all, forgery) => {
      const seq = forgery.of('key').at(-2)!;
      return without(`proof ${seq}`)(without(`leaf ${seq}`)(all, forgery), forgery);
    },
    PART,
  ),
  lines(
    'a row inside the range proved apart',
    'TAMPERED bundle',
    (all, forgery) =>
      all
        .flatMap((line) =>
          line.startsWith('leaf 0 ')
            ? [line, all[all.indexOf(line) + 1]!, `leaf ${TARGET} ${forgery.leaves[TARGET]}`, `proof ${TARGET}`]
            : [line],
        )
        .filter((line, at, list) => !(line.startsWith('proof 0 ') && list.indexOf(line) !== at)),
    PART,
  ),
  lines(
    'another seal proved',
    'TAMPERED root newest, subset',
    replaced('leaf 299', (line) => line.replace('boot of', 'boot at')),
    PART,
  ),
  bytes(
    'a byte changed and the old digest',
    'TAMPERED version 150, chain 151, root 151, bundle',
    (bundle, { leaves }) =>
      Buffer.from(bundle.toString().replace(`row ${TARGET} ${leaves[TARGET]}`, (row) => row.replace('"v":1', '"v":2'))),
  ),
  bytes('another digest', 'TAMPERED bundle', (bundle) =>
    Buffer.from(bundle.toString().replace(/\nend .{4}/, '\nend 0000')),
  ),
  bytes('no end', 'TAMPERED bundle', (bundle) => bundle.subarray(0, bundle.lastIndexOf('\nend') + 1)),
  bytes('no LF at its end', 'TAMPERED bundle', (bundle) => bundle.subarray(0, -1)),
  bytes('half of its bytes', 'TAMPERED bundle', (bundle) => bundle.subarray(0, bundle.length / 2)),
  bytes('something after its end', 'TAMPERED bundle', (bundle) => Buffer.concat([bundle, Buffer.from('more\n')])),
  bytes('half a line after its end', 'TAMPERED bundle', (bundle) => Buffer.concat([bundle, Buffer.from('more')])),
  bytes('an empty line after its end', 'TAMPERED bundle', (bundle) => Buffer.concat([bundle, Buffer.from('\n')])),
  bytes('another bundle after its end', 'TAMPERED bundle', (bundle) => Buffer.concat([bundle, bundle])),
  bytes('CRLF', 'UNVERIFIABLE unreadable', (bundle) => Buffer.from(bundle.toString().replaceAll('\n', '\r\n'))),
  bytes('a byte order mark', 'UNVERIFIABLE unreadable', (bundle) => Buffer.concat([Buffer.from('\u{FEFF}'), bundle])),
  bytes('a byte that is no UTF-8', 'TAMPERED leaf-canonical 150, chain 151, seal 151, root 151', (bundle) => {
    const at = bundle.indexOf(`row ${TARGET} `) + 20;
    return endedAnew(Buffer.from(bundle).fill(0xff, at, at + 1));
  }),
  bytes('no UTF-8 where its range stands', 'TAMPERED bundle', (bundle) =>
    Buffer.from(bundle).fill(0xff, bundle.indexOf('range') + 6, bundle.indexOf('range') + 7),
  ),
  bytes('a line of 7 MiB', 'TAMPERED bundle', (bundle) =>
    Buffer.concat([bundle.subarray(0, bundle.indexOf('note')), Buffer.alloc(7 << 20, 0x61)]),
  ),
  bytes('another first line', 'UNVERIFIABLE unreadable', (bundle) =>
    Buffer.from(bundle.toString().replace('outwitness-bundle', 'outwitness-bundel')),
  ),
  bytes('a newer version', 'UNVERIFIABLE version', (bundle) =>
    Buffer.from(bundle.toString().replace('outwitness-bundle 1', 'outwitness-bundle 2')),
  ),
  bytes('nothing but its first line', 'UNVERIFIABLE unreadable', (bundle) =>
    bundle.subarray(0, bundle.indexOf('\n') + 1),
  ),
  spliced('rows of another ledger', 'TAMPERED seq 90, chain 90, ledger-id 90, seal 93, root 93', (mine, other) => [
    ...mine.slice(0, 160),
    ...other.filter((line) => /^row (?:9.|10.) /.test(line)),
    ...mine.slice(180),
  ]),
  spliced(
    'the notes of another ledger',
    'TAMPERED note newest, root newest, signature newest, epoch newest',
    (mine, other) => [
      ...mine.slice(0, 4),
      ...other.filter(is('note')),
      ...mine.filter((line) => !is('note')(line)).slice(4),
    ],
  ),
  {
    what: 'a bundle seen long after its export',
    by: 'nobody',
    expected: 'STALE stale newest',
    file: (forgery, { now }) => ({ bytes: forgery.bundle(), now: now + 3 * 3_600_000_000 }),
  },
  proof('nothing changed', 'INCOMPLETE subset', (text) => text),
  proof('nothing changed and no pin', 'INCOMPLETE subset, unanchored', (text) => text, { pins: [] }),
  proof('another number', 'TAMPERED seq row+1, root row+1, subset', (text) =>
    text.replace(`index ${TARGET}`, `index ${TARGET + 1}`),
  ),
  proof('a leading zero in its number', 'TAMPERED bundle', (text) => text.replace(/index /, 'index 0')),
  proof('a hash less', 'TAMPERED root row, subset', (text) => text.replace(/\n[A-Za-z0-9+/]{43}=\n\n/, '\n\n')),
  proof('a hash more', 'TAMPERED root row, subset', (text) => text.replace('\n\n', `\n${'A'.repeat(43)}=\n\n`)),
  proof('another hash', 'TAMPERED root row, subset', (text) =>
    text.replace(/\n[A-Za-z0-9+/]{43}=\n\n/, `\n${'A'.repeat(43)}=\n\n`),
  ),
  proof('another leaf', 'TAMPERED root row, subset', (text) =>
    EXTRA(text, (extra) => ({
      ...extra,
      leaf: String(extra['leaf'])
        .replace('"v":1', '"v":1')
        .replace('"salt":"', '"salt":"0')
        .replace(/("salt":"0.{31})./, '$1'),
    })),
  ),
  proof('another genesis', 'TAMPERED root 0, subset', (text) =>
    EXTRA(text, (extra) => ({
      ...extra,
      genesis: String(extra['genesis']).replace('outwitness claim', 'outwitness clamp'),
    })),
  ),
  proof('another key row', 'TAMPERED root 265, signature newest, subset', (text) =>
    EXTRA(text, (extra) => ({
      ...extra,
      key: String(extra['key']).replace(
        /"epochKey":"[0-9a-f]{64}"/,
        `"epochKey":"${makeKey('mine').publicKey.toString('hex')}"`,
      ),
    })),
  ),
  proof('no key row', 'TAMPERED key newest, subset', (text) =>
    EXTRA(text, ({ genesis, genesisProof, leaf }) => ({ genesis, genesisProof, leaf })),
  ),
  proof('a key row that is none', 'TAMPERED leaf-canonical, root, key newest, subset', (text) =>
    EXTRA(text, (extra) => ({ ...extra, key: '{' })),
  ),
  proof('a key row without its proof', 'TAMPERED bundle', (text) => EXTRA(text, ({ keyProof: _, ...extra }) => extra)),
  proof('a member more', 'TAMPERED bundle', (text) => EXTRA(text, (extra) => ({ ...extra, more: 'x' }))),
  proof('members out of order', 'TAMPERED bundle', (text) =>
    EXTRA(text, (extra) => Object.fromEntries(Object.entries(extra).toReversed())),
  ),
  proof('a genesis row that is no text', 'TAMPERED bundle', (text) =>
    EXTRA(text, (extra) => ({ ...extra, genesis: 7 })),
  ),
  proof('a key row that is no text', 'TAMPERED bundle', (text) => EXTRA(text, (extra) => ({ ...extra, key: 7 }))),
  proof('a proof of its key row that is none', 'TAMPERED bundle', (text) =>
    EXTRA(text, (extra) => ({ ...extra, keyProof: ['00'] })),
  ),
  proof('a hash with a stray bit', 'TAMPERED bundle', (text) =>
    text.replace(/(.)=\n\n/, (_, last: string) => `${String.fromCharCode(last.charCodeAt(0) + 1)}=\n\n`),
  ),
  proof('a hash that is none', 'TAMPERED bundle', (text) =>
    EXTRA(text, (extra) => ({ ...extra, genesisProof: ['00'] })),
  ),
  proof('a leaf that is no text', 'TAMPERED bundle', (text) => EXTRA(text, (extra) => ({ ...extra, leaf: 7 }))),
  proof('a note that is none', 'TAMPERED note', (text) => text.replace('— local', '- local')),
  proof(
    'the note of another ledger',
    'TAMPERED note newest, root 0, signature newest, subset',
    (text, forgery) => text.slice(0, text.indexOf('\n\n') + 2) + otherLedger(forgery).notes.at(-1)!.text,
  ),
  proof(
    'an older note',
    'TAMPERED root 0, subset',
    (text, forgery) => text.slice(0, text.indexOf('\n\n') + 2) + forgery.notes.at(-2)!.text,
  ),
  proof('CRLF', 'UNVERIFIABLE unreadable', (text) => text.replaceAll('\n', '\r\n')),
  proof('half of its bytes', 'TAMPERED bundle', (text) => text.slice(0, text.length / 2)),
  proof('more than 256 KiB', 'UNVERIFIABLE unreadable', (text) => text + 'x'.repeat(300_000)),
  {
    what: 'a proof with a newer note pinned',
    by: 'courier',
    expected: 'ROLLBACK pin-ahead, subset',
    file: (forgery) => {
      const file = Buffer.from(forgery.proof(TARGET));
      forgery.net();
      return { bytes: file, pins: [forgery.seal()] };
    },
  },
];

/** The least that is still a note. */
function smallNote(size: number): string {
  return `a\n${size}\n${'A'.repeat(43)}=\n\n— a AAAAAAA=\n— a/epoch/0 AAAAAAA=\n`;
}

function noUtf8(base64: string): string {
  return Buffer.from(base64, 'base64').fill(0xff, 3, 4).toString('base64');
}

function otherLedger(forgery: Forgery): ReferenceLedger {
  const other = new ReferenceLedger({ seed: 'other', start: forgery.time });
  for (let call = 0; call < 298; call += 1) other.net();
  other.seal();
  return other;
}

function spliced(what: string, expected: string, splice: (mine: string[], other: string[]) => string[]): Experiment {
  return lines(what, expected, (all, forgery) => splice(all, otherLedger(forgery).bundleLines()));
}

function endedAnew(bundle: Buffer): Uint8Array {
  const body = bundle.subarray(0, bundle.lastIndexOf('\nend') + 1);
  return Buffer.concat([body, Buffer.from(`end ${hash('sha256', body)}\n`)]);
}
