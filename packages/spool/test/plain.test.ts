import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { Batch } from '../src/batch.ts';
import { encodeRecord, frameText, type Unnumbered } from '../src/index.ts';
import { call, unnumbered } from './records.ts';

/** What a batch makes of records, and what the plain and slow way makes of them. */
function bothWays(records: readonly Unnumbered[], first = 0): { batch: string; expected: string } {
  const batch = new Batch();
  let [bytes, expected] = ['', ''];
  for (const [index, record] of records.entries()) {
    if (!batch.roomy) {
      bytes += batch.buffer.toString('latin1', 0, batch.length);
      batch.clear();
    }
    batch.add(record, first + index, false, undefined);
    const { text, bytes: length } = encodeRecord(record, first + index);
    expected += Buffer.from(frameText(text, length)).toString('latin1');
  }
  return { batch: bytes + batch.buffer.toString('latin1', 0, batch.length), expected };
}

test('frames are the canonical JSON of their records to the byte, whatever was written before', () => {
  fc.assert(
    fc.property(fc.array(unnumbered, { minLength: 1, maxLength: 30 }), fc.nat(), (records, first) => {
      // The second time all members are those of an earlier record.
      const { batch, expected } = bothWays([...records, ...records], first);
      assert.equal(batch, expected);
    }),
    { numRuns: 300 },
  );
});

test('a list that was changed after it was written is written as it is now', () => {
  const queryKeys = ['a', 'b'];
  const record = { ...call(1), queryKeys };
  const { batch } = bothWays([record]);
  assert.match(batch, /"queryKeys":\["a","b"\]/);
  queryKeys[1] = 'c';
  assert.match(bothWays([record]).batch, /"queryKeys":\["a","c"\]/);
});

test('numbers of every length are written whole', () => {
  const numbers = [0, 9, 10, 99_999_999, 100_000_000, 100_000_001, 1_700_000_000_000_000, Number.MAX_SAFE_INTEGER];
  for (let power = 1; power < Number.MAX_SAFE_INTEGER; power *= 10) numbers.push(power, power - 1, power + 1);
  for (const number of numbers) {
    const { batch, expected } = bothWays([{ ...call(1), call: number }], number);
    assert.equal(batch, expected);
    assert.ok(batch.includes(`"call":${number},`), batch);
  }
});

test('a frame may have any number of digits in its length', () => {
  const records = [2, 30, 300, 900, 3000, 9000, 30_000].map((length): Unnumbered => {
    return { kind: 'pkg', time: 1, package: 'x', manifest: 'm'.repeat(length) };
  });
  const { batch, expected } = bothWays([...records, ...records.toReversed(), ...records]);
  assert.equal(batch, expected);
});

test('a value that has not the type of its field is refused, and nothing of it stays', () => {
  const batch = new Batch();
  batch.add(call(1), 0, false, undefined);
  const before = batch.length;
  for (const port of [1.5, -0, Number.NaN, '80', null, {}, [], ['80'], true, 2 ** 60]) {
    const wrong = { ...call(1), port } as never;
    let expected: string | undefined;
    try {
      encodeRecord(wrong, 1);
    } catch (error) {
      expected = (error as { code: string }).code;
    }
    if (expected === undefined) continue;
    assert.throws(() => batch.add(wrong, 1, false, undefined), { code: expected });
    assert.equal(batch.length, before);
  }
});

test('more shapes of records than are remembered are written all the same', () => {
  const names = ['host', 'port', 'path', 'scheme', 'method', 'site', 'package', 'sni', 'alpn', 'peerPort'];
  const records: Unnumbered[] = [];
  for (let bits = 0; bits < 1024; bits++) {
    const record: { [name: string]: unknown } = { ...call(bits), host: undefined };
    for (const [at, name] of names.entries()) if ((bits >> at) & 1) record[name] = name.endsWith('ort') ? bits : name;
    if (bits % 3 !== 0) delete record['host'];
    records.push(record as unknown as Unnumbered);
  }
  const { batch, expected } = bothWays(records);
  assert.equal(batch, expected);
});

test('the checksum of a record that differs from the last one in some digits is that of its own bytes', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(2 ** 40), { minLength: 2, maxLength: 20 }), fc.nat(1500), (numbers, padding) => {
      const records = numbers.map((number, at): Unnumbered =>
        at % 2 === 0
          ? { ...call(number), time: 2 ** 50 + number }
          : { kind: 'pkg', time: 2 ** 50 + number, package: 'x', manifest: 'm'.repeat(padding) },
      );
      const { batch, expected } = bothWays(records, 1_000_000);
      assert.equal(batch, expected);
    }),
    { numRuns: 200 },
  );
});
