import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { removeNote, SpoolReader, START } from '../src/index.ts';
import { call } from './records.ts';
import { temporary, writerIn } from './temporary.ts';

const NAME = '4711-0-abc-0123abcd.0.spool';

test('the list names segments in order, notes, and what is neither', (t) => {
  const directory = temporary(t);
  for (const name of ['9-0-a-00000000.10.spool', '9-0-a-00000000.9.spool', '9-a-00000000.note', 'x.spool']) {
    fs.writeFileSync(path.join(directory, name), '');
  }
  fs.symlinkSync('/etc/passwd', path.join(directory, '9-1-a-00000000.0.spool'));
  fs.mkdirSync(path.join(directory, '9-2-a-00000000.0.spool'));
  const { segments, notes, strange } = new SpoolReader(directory).list();
  assert.deepEqual(
    segments.map(({ name }) => name),
    ['9-0-a-00000000.9.spool', '9-0-a-00000000.10.spool'],
  );
  assert.deepEqual(
    segments.map(({ pid, thread, startMs, segment, uid }) => [pid, thread, startMs, segment, uid]),
    [
      [9, 0, 10, 9, process.getuid?.()],
      [9, 0, 10, 10, process.getuid?.()],
    ],
  );
  assert.deepEqual(notes, ['9-a-00000000.note']);
  assert.deepEqual(strange.toSorted(), ['9-1-a-00000000.0.spool', '9-2-a-00000000.0.spool', 'x.spool']);
});

test('reading goes on where it ended while the file grows', (t) => {
  const directory = temporary(t);
  const { writer } = writerIn(directory);
  const reader = new SpoolReader(directory);
  const name = writer.state.file!;
  let cursor = START;
  const seen: number[] = [];
  for (let i = 1; i <= 5; i++) {
    writer.writeNow(call(i));
    const read = reader.read(name, cursor, 1);
    ({ cursor } = read);
    assert.ok(read.drained);
    for (const { record } of read.records) if (record.kind === 'open') seen.push(record.call);
  }
  assert.deepEqual(seen, [1, 2, 3, 4, 5]);
  assert.equal(cursor.offset, fs.statSync(path.join(directory, name)).size);
});

test('a file larger than one read is read in steps', (t) => {
  const directory = temporary(t);
  const { writer } = writerIn(directory);
  for (let i = 1; i <= 1500; i++) writer.writeLater(call(i));
  writer.flush();
  const reader = new SpoolReader(directory);
  let cursor = START;
  let records = 0;
  let reads = 0;
  for (let drained = false; !drained; reads++) {
    const read = reader.read(writer.state.file!, cursor, 1);
    ({ cursor, drained } = read);
    records += read.records.length;
  }
  assert.equal(records, 1501);
  assert.ok(reads > 1);
});

for (const [what, change] of [
  [
    'replaced',
    (file: string, copy: Buffer) => (fs.rmSync(file), fs.writeFileSync(`${file}x`, ''), fs.writeFileSync(file, copy)),
  ],
  ['truncated', (file: string, copy: Buffer) => fs.writeFileSync(file, copy.subarray(0, copy.indexOf(10) + 1))],
] as const) {
  test(`a file that was ${what} between two reads is told and read from its start`, (t) => {
    const directory = temporary(t);
    const { writer } = writerIn(directory);
    writer.writeNow(call(1));
    const reader = new SpoolReader(directory);
    const name = writer.state.file!;
    const first = reader.read(name, START, 1);
    const file = path.join(directory, name);
    change(file, fs.readFileSync(file));
    const second = reader.read(name, first.cursor, 1);
    assert.deepEqual(
      second.damage.map(({ event }) => event),
      ['lost-spool'],
    );
    assert.equal(second.records[0]?.record.kind, 'hello');
  });
}

test('links, pipes, folders and foreign names are refused without waiting', (t) => {
  const directory = temporary(t);
  const reader = new SpoolReader(directory);
  const file = path.join(directory, NAME);
  assert.throws(() => reader.read('../x.0.spool', START, 1), { code: 'spool-name' });
  assert.throws(() => reader.read(NAME, START, 1), { code: 'spool-open' });
  fs.symlinkSync('/dev/zero', file);
  assert.throws(() => reader.read(NAME, START, 1), { code: 'spool-not-regular' });
  fs.rmSync(file);
  fs.mkdirSync(file);
  assert.throws(() => reader.read(NAME, START, 1), { code: 'spool-not-regular' });
  fs.rmdirSync(file);
  execFileSync('mkfifo', [file]);
  assert.throws(() => reader.read(NAME, START, 1), { code: 'spool-not-regular' });
});

test('a sparse file of zeros is passed in bounded steps', (t) => {
  const directory = temporary(t);
  fs.writeFileSync(path.join(directory, NAME), '');
  fs.truncateSync(path.join(directory, NAME), 3 * 1024 * 1024);
  const reader = new SpoolReader(directory);
  let cursor = START;
  let bytes = 0;
  for (let drained = false; !drained;) {
    const read = reader.read(NAME, cursor, 1024 * 1024, true);
    ({ cursor, drained } = read);
    bytes += read.damage.reduce((sum, damage) => sum + damage.bytes, 0);
  }
  assert.equal(bytes, 3 * 1024 * 1024);
});

test('a note is one cleaned line, and can be removed', (t) => {
  const directory = temporary(t);
  const name = '77-abc-0123abcd.note';
  fs.writeFileSync(path.join(directory, name), `unsupported-node v18.0.0\u001b[2J\n${'x'.repeat(9000)}`);
  const reader = new SpoolReader(directory);
  assert.deepEqual(reader.readNote(name), {
    pid: 77,
    uid: process.getuid?.(),
    text: 'unsupported-node v18.0.0\ufffd[2J',
  });
  removeNote(directory, name);
  removeNote(directory, name);
  assert.deepEqual(reader.list().notes, []);
});

test('a directory that cannot be listed is an error with its cause', () => {
  assert.throws(() => new SpoolReader('/nonexistent/spool').list(), { code: 'spool-open', message: /ENOENT/ });
});
