/**
 * Spool files. The reader gives back every frame that is whole, in order and nothing else; each other byte of the file
 * is told as damage; how the file is cut into reads changes nothing.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';

import { encodeRecord, frameText, type Unnumbered } from '@outwitness/spool';

import { type Damage, Damages } from '../../../packages/spool/src/damage.ts';
import { type Placed, START } from '../../../packages/spool/src/scan.ts';
import type { Dice } from './dice.ts';
import { CLASSES, mutate, type Mutation } from './field-classes.ts';
import { fromLatin1, latin1 } from './histories.ts';
import type { Kind, Made, Said, Target } from './kind.ts';

const T0 = 1_790_000_000_000_000;
const NAME = '4711-0-abc-0123abcd.0.spool';

const RECORDS: readonly object[] = [
  { kind: 'hello', v: 1, app: 'shop', pid: 4711, thread: 0, segment: 0, runtime: 'node/24.21.0', agent: '0.1.0', loaded: 'require', channels: ['http', 'tcp'] },
  { kind: 'pkg', package: 'axios', packageVersion: '1.2.3', packageAuthor: 'Zoë', manifest: '{"endpoints":["a"]}' },
  { kind: 'open', call: 1, direction: 'out', channel: 'http', host: 'api.example', port: 443, path: '/größe/{n}', queryKeys: ['q', '"'] },
  { kind: 'conn', conn: 1, direction: 'out', channel: 'tcp', for: 1 },
  { kind: 'conn', conn: 2, direction: 'in', channel: 'tcp', by: 'raw' },
  { kind: 'claim', call: 1, conn: 1 },
  { kind: 'done', call: 1, outcome: 'ok', status: 200, bytesOut: 12 },
  { kind: 'done', conn: 1, outcome: 'aborted' },
  { kind: 'gap', event: 'degraded', text: 'slow \u{1F600}', missing: 0, count: 2 },
  { kind: 'hook', event: 'changed', text: 'x' },
  { kind: 'settings', generation: 2, enabled: true, strict: false, disabled: ['dns'] },
  { kind: 'part', call: 1, part: 0, direction: 'out', recipient: 'age1x', sealed: 'QUJD' },
  { kind: 'beat', records: 12, faults: 0, lagUs: 3 },
  { kind: 'bye', records: 13, faults: 0, reason: 'exit', code: 0 },
]; // prettier-ignore
/** Of kinds that no agent writes, or no frames at all. */
const FOREIGN = [
  '{"kind":"net","n":1,"time":1}',
  '{"kind":"seal","time":1}',
  '{"kind":"x","n":-1}',
  '{"kind":1}',
  '[]',
  'null',
  '1',
];

const known = new Map<string, string>();
function frameOf(at: number, n: number): string {
  const key = `${at} ${n}`;
  let frame = known.get(key);
  if (frame !== undefined) return frame;
  const { text, bytes } = encodeRecord({ ...RECORDS[at], time: T0 + (n % 100) } as Unnumbered, n);
  frame = latin1(frameText(text, bytes));
  if (n < 100) known.set(key, frame);
  return frame;
}

const frames = (dice: Dice): string => {
  const count = dice.below(14);
  let text = '';
  for (let n = 0; n < count; n += 1) {
    text += frameOf(n === 0 ? 0 : dice.below(RECORDS.length), dice.chance(0.02) ? dice.below(2 ** 40) : n);
    if (dice.chance(0.02)) text += framed(latin1(dice.of(FOREIGN)));
  }
  return text;
};

/** CRC-32 of IEEE 802.3, bit by bit: no code in common with the reader. */
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  return crc;
});
function checksum(text: string): string {
  let crc = -1;
  for (let at = 0; at < text.length; at += 1) crc = (crc >>> 8) ^ TABLE[(crc ^ text.charCodeAt(at)) & 0xff]!;
  return ((crc ^ -1) >>> 0).toString(16).padStart(8, '0');
}
const framed = (payload: string): string => `${payload.length} ${checksum(payload)} ${payload}\n`;

const FRAME = /^(\d+) ([0-9a-f]+) (.*)\n/gm;
const inFrame = (
  text: string,
  dice: Dice,
  change: (length: string, crc: string, payload: string) => string,
): string | undefined => {
  const all = [...text.matchAll(FRAME)];
  if (all.length === 0) return undefined;
  const { index, 0: whole, 1: length = '', 2: crc = '', 3: payload = '' } = dice.of(all);
  return text.slice(0, index) + change(length, crc, payload) + text.slice(index + whole.length);
};

const frameLength: Mutation = (text, dice) =>
  inFrame(text, dice, (length, crc, payload) => {
    const lengths = [
      '0',
      '1',
      '00',
      '2',
      '65536',
      '65537',
      '99999',
      '999999',
      `0${length}`,
      `+${length}`,
      `${length}0`,
      '-1',
      '',
    ];
    return `${dice.chance(0.5) ? dice.of(lengths) : Number(length) + dice.below(7) - 3} ${crc} ${payload}\n`;
  });
const frameChecksum: Mutation = (text, dice) =>
  inFrame(text, dice, (length, crc, payload) => {
    const others = [
      '00000000',
      'ffffffff',
      crc.toUpperCase(),
      crc.slice(1),
      `${crc}0`,
      ` ${crc.slice(1)}`,
      checksum(payload.slice(1)),
    ];
    return `${length} ${dice.of(others)} ${payload}\n`;
  });
/** A hostile writer's frames are whole: what it wrote is then read, or it is no record. */
const whole = ({ name, change }: (typeof CLASSES)[number]): (typeof CLASSES)[number] => ({
  name: `${name}, CRC made to fit`,
  change: (text, dice, other) =>
    inFrame(text, dice, (_length, _crc, payload) =>
      framed((change(payload, dice, other) ?? payload).replaceAll('\n', ' ')),
    ),
});
const longLine: Mutation = (text, dice) => {
  if (!dice.chance(0.01)) return undefined;
  const at = text.indexOf('\n', dice.below(text.length)) + 1;
  const length = dice.of([65_530, 65_551, 65_552, 65_553, 200_000]);
  return text.slice(0, at) + dice.of(['x', '\0', '9 ']).repeat(length) + dice.of(['', '\n']) + text.slice(at);
};
const SPOOL_CLASSES = [
  ...CLASSES.filter(({ name }) => !/base64|signature|limit/.test(name)),
  ...CLASSES.filter(({ name }) => /JSON|UTF-8|number/.test(name)).map(whole),
  { name: 'frame length', change: frameLength },
  { name: 'frame CRC', change: frameChecksum },
  { name: 'line beyond the longest frame', change: longLine },
];

export const SPOOLS: Kind = {
  name: 'spool file',
  share: 120,
  make(dice, folder): Made {
    const { text, how } = mutate(frames(dice), frames(dice), dice, SPOOL_CLASSES);
    const bytes = fromLatin1(text);
    const steps = Array.from({ length: dice.below(6) }, () => dice.below(bytes.length + 1));
    const onDisk = dice.chance(0.1);
    return { how, bytes, judge: (target) => judgeSpool(target, onDisk ? folder : undefined, bytes, steps) };
  },
};

interface Got {
  records: Placed[];
  damage: Damage[];
}

function judgeSpool(target: Target, folder: string | undefined, bytes: Buffer, steps: number[]): Said {
  const inSteps = scanned(
    target,
    bytes,
    steps.toSorted((a, b) => a - b),
  );
  const isTold = inSteps.damage.length > 0;
  const atOnce = folder === undefined ? scanned(target, bytes, []) : fromDisk(target, folder, bytes);
  const isSame = sameRecords(inSteps, atOnce) && isDeepStrictEqual(sums(inSteps), sums(atOnce));
  const wrong = isSame ? problemOf(latin1(bytes), inSteps) : 'cut into other reads it gives other records or damage';
  return { verdict: isTold ? 'damage told' : 'whole', accepted: !isTold, wrong };
}

const sameRecords = (a: Got, b: Got): boolean => JSON.stringify(a.records) === JSON.stringify(b.records);

function scanned(target: Target, bytes: Buffer, ends: readonly number[]): Got {
  const damages = new Damages();
  const records: Placed[] = [];
  let cursor = START;
  for (const end of [...ends, bytes.length]) {
    if (end < cursor.offset) continue;
    const isLast = end === bytes.length;
    const read = target.scan(bytes.subarray(cursor.offset, end), cursor, isLast, damages);
    records.push(...read.records);
    ({ cursor } = read);
    if (isLast) break;
  }
  return { records, damage: damages.list };
}

/** A file costs more than the scan, so most inputs have none. */
function fromDisk(target: Target, folder: string, bytes: Buffer): Got {
  writeFileSync(join(folder, NAME), bytes);
  const reader = new target.SpoolReader(folder);
  const [records, damage]: [Placed[], Damage[]] = [[], []];
  let cursor = START;
  for (let drained = false; !drained;) {
    const read = reader.read(NAME, cursor, 1, true);
    if (read.cursor.offset === cursor.offset && !read.drained) throw new Error('a read that does not get on');
    ({ cursor, drained } = read);
    records.push(...read.records);
    damage.push(...read.damage);
  }
  return { records, damage };
}

/** By event: bytes and records that are missing. */
function sums({ damage }: Got): Record<string, number[]> {
  const all: Record<string, number[]> = {};
  for (const { event, bytes, missing } of damage) {
    const sum = (all[event] ??= [0, 0]);
    sum[0]! += bytes;
    sum[1]! += missing;
  }
  return all;
}

function problemOf(text: string, { records, damage }: Got): string | undefined {
  const byOffset = new Map(records.map(({ record, offset }) => [offset, record]));
  let [at, inRecords, found] = [0, 0, 0];
  for (const line of text.split('\n').slice(0, -1)) {
    const offset = at;
    at += line.length + 1;
    const record = byOffset.get(offset);
    const [, length, crc, payload = ''] = /^([1-9]\d{0,4}) ([0-9a-f]{8}) (.*)$/s.exec(line) ?? [];
    const isFrame = Number(length) === payload.length && payload.length <= 65_536 && crc === checksum(payload);
    if (record === undefined) {
      if (isFrame && WRITTEN.has(withoutNumbers(payload)))
        return `a record that was written is not given back: ${payload}`;
      continue;
    }
    found += 1;
    inRecords += line.length + 1;
    if (!isFrame) return `a record out of a line that is no frame: ${line}`;
    if (sorted(record) !== fromLatin1(payload).toString('utf8'))
      return `a record that is not what the frame holds: ${payload}`;
  }
  if (found !== records.length) return 'a record that stands at no line';
  const told = damage.reduce((sum, { bytes }) => sum + bytes, 0);
  if (inRecords + told !== text.length)
    return `${text.length} bytes, of which ${inRecords} are records and ${told} are told as damage`;
  const numbers = records.map(({ record }) => record.n);
  const holes = numbers.some((n, i) => n > (numbers[i - 1] ?? -1) + 1);
  const missing = damage.reduce((sum, one) => sum + one.missing, 0);
  return holes && missing === 0 && !damage.some(({ event }) => event === 'foreign-kind')
    ? 'numbers with a hole, and nothing is told to be missing'
    : undefined;
}

const sorted = (record: object): string =>
  JSON.stringify(Object.fromEntries(Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1))));

/** Payloads of this writer, but for their number and time. */
const withoutNumbers = (payload: string): string =>
  payload.replace(/"n":(?:0|[1-9]\d{0,11}),/, '"n":0,').replace(/"time":17900000000000\d\d(?!\d)/, '');
const WRITTEN = new Set(
  RECORDS.map((record) => withoutNumbers(latin1(encodeRecord({ ...record, time: T0 } as Unnumbered, 0).text))),
);
