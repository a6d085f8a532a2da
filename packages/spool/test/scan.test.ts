import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { type Damage, Damages } from '../src/damage.ts';
import { encodeRecord, frameText, type Placed } from '../src/index.ts';
import { scan, START } from '../src/scan.ts';
import { call, unnumbered } from './records.ts';

function frame(number: number, n: number): Buffer {
  const { text, bytes } = encodeRecord(call(number), n);
  return Buffer.from(frameText(text, bytes));
}

function frames(count: number): Buffer[] {
  return Array.from({ length: count }, (_, n) => frame(n + 1, n));
}

/** Reads bytes in steps of the given sizes, as a growing file would be read. */
function read(bytes: Buffer, steps: readonly number[]): { records: Placed[]; damage: Damage[] } {
  const damages = new Damages();
  const records: Placed[] = [];
  let cursor = START;
  let known = 0;
  for (const step of [...steps, bytes.length]) {
    known = Math.min(known + step, bytes.length);
    const result = scan(bytes.subarray(cursor.offset, known), cursor, known === bytes.length, damages);
    records.push(...result.records);
    cursor = result.cursor;
  }
  assert.equal(cursor.offset, bytes.length);
  return { records, damage: damages.list };
}

test('what was framed is read back, however the file is cut into reads', () => {
  fc.assert(
    fc.property(
      fc.array(unnumbered, { maxLength: 12 }),
      fc.array(fc.integer({ min: 1, max: 3000 })),
      (records, steps) => {
        const encoded = records.map((record, n) => encodeRecord(record, n));
        const bytes = Buffer.concat(encoded.map(({ text, bytes: length }) => Buffer.from(frameText(text, length))));
        const back = read(bytes, steps);
        assert.deepEqual(
          back.records.map(({ record }) => JSON.stringify(record)),
          encoded.map(({ text }) => text),
        );
        assert.deepEqual(back.damage, []);
      },
    ),
    { numRuns: 200 },
  );
});

test('damage costs the damaged records only, and is the same however the file is cut into reads', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(4000), fc.integer({ min: 0, max: 255 })), { maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 700 })),
      (hits, steps) => {
        const whole = frames(20);
        const bytes = Buffer.concat(whole);
        for (const [at, value] of hits) bytes[at % bytes.length] = value;
        const inOne = read(bytes, []);
        assert.deepEqual(read(bytes, steps), inOne);
        const lost = inOne.damage.reduce((sum, { missing }) => sum + missing, 0);
        assert.ok(inOne.records.length >= 20 - 2 * hits.length);
        if (inOne.records.at(-1)?.record.n === 19) assert.ok(inOne.records.length + lost >= 20);
      },
    ),
    { numRuns: 300 },
  );
});

test('a torn tail is told as torn once the writer is gone, and waits until then', () => {
  const bytes = Buffer.concat(frames(2)).subarray(0, -5);
  const damages = new Damages();
  const growing = scan(bytes, START, false, damages);
  assert.equal(growing.records.length, 1);
  assert.deepEqual(damages.list, []);
  const ended = scan(bytes.subarray(growing.cursor.offset), growing.cursor, true, damages);
  assert.equal(ended.records.length, 0);
  assert.deepEqual(
    damages.list.map(({ event, missing }) => [event, missing]),
    [['torn', 0]],
  );
});

test('a damaged line counts the records that the numbering shows to be lost', () => {
  const [a, , , d] = frames(4) as [Buffer, Buffer, Buffer, Buffer];
  const { records, damage } = read(Buffer.concat([a, Buffer.from('garbage\n'), d]), []);
  assert.deepEqual(
    records.map(({ record }) => record.n),
    [0, 3],
  );
  assert.deepEqual(damage, [{ event: 'damaged', offset: a.length, bytes: 8, missing: 2, count: 1 }]);
});

test('damage that the numbering does not show counts as one record', () => {
  const [a, b] = frames(2) as [Buffer, Buffer];
  const { damage } = read(Buffer.concat([a, Buffer.from('garbage\n'), b]), []);
  assert.deepEqual(
    damage.map(({ missing }) => missing),
    [1],
  );
});

test('missing, repeated and absurd numbers are told and never cost a record', () => {
  const { records, damage } = read(
    Buffer.concat([frame(1, 0), frame(2, 5), frame(3, 5), frame(4, Number.MAX_SAFE_INTEGER)]),
    [],
  );
  assert.equal(records.length, 4);
  assert.deepEqual(
    damage.map(({ event, missing, count }) => [event, missing, count]),
    [['numbering', 4 + (1 << 20), 3]],
  );
});

test('a kind that no agent may write is dropped and counted', () => {
  const payload = '{"kind":"net","n":1,"time":1}';
  const { records, damage } = read(
    Buffer.concat([frame(1, 0), Buffer.from(frameText(payload, payload.length)), frame(2, 2)]),
    [],
  );
  assert.equal(records.length, 2);
  assert.deepEqual(
    damage.map(({ event, count, missing }) => [event, count, missing]),
    [['foreign-kind', 1, 0]],
  );
});

test('frames whose content is not canonical UTF-8 JSON are damage', () => {
  for (const payload of [
    '{"n":0,"kind":"beat"}',
    '{}',
    '[]',
    'null',
    '{"kind":"open","n":0,"time":1}',
    '{"kind":"beat","n":0, "time":1}',
  ]) {
    const { records, damage } = read(Buffer.from(frameText(payload, payload.length)), []);
    assert.equal(records.length, 0, payload);
    assert.equal(damage[0]?.event, 'damaged', payload);
  }
});

test('any bytes are read to the end without an exception, in time that grows with their number', () => {
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
    fc.constantFrom(
      ...['65536 00000000 ', '2 ', '\n', '00 ', '{}\n', '5 ffffffff {"a":\n'].map((text) => Buffer.from(text)),
    ),
    fc.nat(30).map((n) => frame(n, n)),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), fc.array(fc.integer({ min: 1, max: 300 })), (pieces, steps) => {
      const bytes = Buffer.concat(pieces);
      assert.deepEqual(read(bytes, steps), read(bytes, []));
    }),
    { numRuns: 500 },
  );
});

test('a file of lines that claim to be long is looked at once', () => {
  const bytes = Buffer.from('65000 00000000 {\n'.repeat(200_000));
  const started = performance.now();
  const { damage } = read(bytes, []);
  assert.equal(damage[0]?.bytes, bytes.length);
  assert.ok(performance.now() - started < 5000);
});

test('a line without end is passed in bounded steps and what follows is read', () => {
  const long = Buffer.alloc(200_000, 'x');
  const bytes = Buffer.concat([frame(1, 0), long, Buffer.from('\n'), frame(2, 1)]);
  const { records, damage } = read(
    bytes,
    Array.from({ length: 10 }, () => 70_000),
  );
  assert.deepEqual(
    records.map(({ record }) => record.n),
    [0, 1],
  );
  assert.deepEqual(
    damage.map(({ event, bytes: size }) => [event, size]),
    [['damaged', 200_001]],
  );
});
