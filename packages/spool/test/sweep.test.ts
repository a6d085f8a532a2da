import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { chooseSweep, removeSegments, SPOOL_LIMITS, type SpoolFile, SpoolReader } from '../src/index.ts';
import { temporary } from './temporary.ts';

const HOUR = 3600 * 1000;
const MIB = 1024 * 1024;

function file(pid: number, segment: number, size: number): SpoolFile {
  const writer = `${pid}-0-abc-0123abcd`;
  return { writer, pid, thread: 0, startMs: 1, segment, name: `${writer}.${segment}.spool`, size, mtimeMs: 0, uid: 0 };
}

test('a drained segment stays 24 hours', () => {
  const files = [file(1, 0, MIB), file(1, 1, MIB)];
  const drained = files.map(({ name }, index) => ({ name, drainedMs: index * HOUR }));
  assert.deepEqual(chooseSweep(files, drained, 24 * HOUR - 1), []);
  assert.deepEqual(chooseSweep(files, drained, 24 * HOUR), [files[0]?.name]);
});

test('above half of a budget the oldest drained segments go, undrained ones never', () => {
  const files = Array.from({ length: 20 }, (_, segment) => file(1, segment, 16 * MIB));
  const drained = files.slice(0, 18).map(({ name }, index) => ({ name, drainedMs: index }));
  const gone = chooseSweep(files, drained, HOUR);
  assert.deepEqual(
    gone,
    drained.slice(0, 12).map(({ name }) => name),
  );
  assert.deepEqual(chooseSweep(files, [], HOUR), []);
  const many = Array.from({ length: 10 }, (_, pid) => file(pid, 0, 100 * MIB));
  const goneOfMany = chooseSweep(
    many,
    many.map(({ name }) => ({ name, drainedMs: 0 })),
    HOUR,
  );
  assert.equal(goneOfMany.length, Math.ceil((1000 - SPOOL_LIMITS.directoryBytes / 2 / MIB) / 100));
});

test('only segments are removed, and one that is gone counts as removed', (t) => {
  const directory = temporary(t);
  const { name } = file(1, 0, 0);
  fs.writeFileSync(path.join(directory, name), '');
  fs.writeFileSync(path.join(directory, 'other'), '');
  assert.deepEqual(removeSegments(directory, [name, '../other', 'other']), [name]);
  assert.deepEqual(removeSegments(directory, [name]), [name]);
  assert.deepEqual(new SpoolReader(directory).list().strange, ['other']);
});
