import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { encodeRecord, frameText, SpoolReader, START, type Unnumbered } from '../src/index.ts';
import { temporary } from './temporary.ts';

const VECTORS = new URL('../../../testdata/vectors/spool/', import.meta.url);

interface WriteCase {
  name: string;
  record: Unnumbered;
  n: number;
  frame: string;
  frameBase64: string;
}

interface ReadCase {
  name: string;
  fileBase64: string;
  numbers: number[];
  damage: { event: string; missing: number }[];
}

function cases<T>(file: string): T[] {
  return (JSON.parse(fs.readFileSync(new URL(file, VECTORS), 'utf8')) as { cases: T[] }).cases;
}

for (const { name, record, n, frame, frameBase64 } of cases<WriteCase>('write.json')) {
  test(`frame: ${name}`, () => {
    const { text, bytes } = encodeRecord(record, n);
    const written = frameText(text, bytes);
    assert.equal(written, frame);
    assert.equal(Buffer.from(written).toString('base64'), frameBase64);
  });
}

for (const { name, fileBase64, numbers, damage } of cases<ReadCase>('read.json')) {
  test(`read: ${name}`, (t) => {
    const directory = temporary(t);
    const file = '1-0-abc-0123abcd.0.spool';
    fs.writeFileSync(path.join(directory, file), Buffer.from(fileBase64, 'base64'));
    const read = new SpoolReader(directory).read(file, START, 1 << 20, true);
    assert.deepEqual(
      read.records.map(({ record }) => record.n),
      numbers,
    );
    assert.deepEqual(
      read.damage.map(({ event, missing }) => ({ event, missing })),
      damage,
    );
  });
}
