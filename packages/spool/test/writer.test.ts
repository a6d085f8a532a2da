import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { SpoolRecord } from '@outwitness/event';
import { SpoolReader, START } from '../src/index.ts';
import { call } from './records.ts';
import { temporary, writerIn } from './temporary.ts';

const MIB = 1024 * 1024;

function contents(directory: string): { name: string; records: SpoolRecord[]; damage: unknown[] }[] {
  const reader = new SpoolReader(directory);
  return reader.list().segments.map(({ name }) => {
    const { records, damage } = reader.read(name, START, 32 * MIB, true);
    return { name, records: records.map(({ record }) => record), damage };
  });
}

function kinds(directory: string): string[][] {
  return contents(directory).map(({ records }) => records.map(({ kind }) => kind));
}

test('a segment begins with hello and is readable by the group only, whatever the umask is', (t) => {
  const directory = temporary(t);
  const before = process.umask(0o077);
  const { writer } = writerIn(directory);
  process.umask(before);
  assert.deepEqual(kinds(directory), [['hello']]);
  const file = path.join(directory, writer.state.file!);
  assert.equal(fs.statSync(file).mode & 0o777, 0o640);
  assert.match(writer.state.file!, /^4711-0-[0-9a-z]+-0123abcd\.0\.spool$/);
});

test('writeNow hands over at once, writeLater at the end of the tick, and the order is kept', (t) => {
  const directory = temporary(t);
  const { writer, tick } = writerIn(directory);
  writer.writeLater({ kind: 'claim', time: 1, call: 1, conn: 1 });
  assert.deepEqual(kinds(directory), [['hello']]);
  writer.writeNow(call(2));
  assert.deepEqual(kinds(directory), [['hello', 'claim', 'open']]);
  writer.writeLater({ kind: 'done', time: 2, call: 2, outcome: 'ok' });
  tick();
  assert.deepEqual(kinds(directory), [['hello', 'claim', 'open', 'done']]);
  assert.deepEqual(
    contents(directory)[0]?.records.map(({ n }) => n),
    [0, 1, 2, 3],
  );
});

test('waiting records are written with the next intent in one write', (t) => {
  const directory = temporary(t);
  const { writer } = writerIn(directory);
  for (let i = 1; i <= 5; i++) writer.writeLater(call(i));
  const before = contents(directory)[0]?.records.length;
  writer.writeNow(call(6));
  assert.equal(before, 1);
  assert.equal(contents(directory)[0]?.records.length, 7);
});

test('a segment that passes its size ends with bye rotate and the next begins with hello at number 0', (t) => {
  const directory = temporary(t);
  const { writer } = writerIn(directory, { segmentBytes: 2000 });
  for (let i = 1; i <= 40; i++) writer.writeNow(call(i));
  writer.end('exit', 0);
  const segments = contents(directory);
  assert.ok(segments.length > 2);
  const calls: number[] = [];
  let written = 0;
  segments.forEach(({ records, damage }, index) => {
    assert.deepEqual(damage, []);
    assert.deepEqual(
      records.map(({ n }) => n),
      records.map((_, n) => n),
    );
    assert.equal(records[0]?.kind === 'hello' && records[0].segment, index);
    written += records.length;
    const last = records.at(-1);
    assert.equal(last?.kind === 'bye' && last.reason, index === segments.length - 1 ? 'exit' : 'rotate');
    assert.equal(last?.kind === 'bye' && last.records, written);
    for (const record of records) if (record.kind === 'open') calls.push(record.call);
  });
  assert.deepEqual(
    calls,
    Array.from({ length: 40 }, (_, i) => i + 1),
  );
});

test('a call made after the end gets a segment of its own', (t) => {
  const directory = temporary(t);
  const { writer } = writerIn(directory);
  writer.end('exit', 3);
  writer.writeNow(call(1));
  assert.deepEqual(kinds(directory), [
    ['hello', 'bye'],
    ['hello', 'open', 'bye'],
  ]);
});

for (const [what, harm] of [
  ['deleted', (file: string) => fs.rmSync(file)],
  ['replaced', (file: string) => (fs.renameSync(file, `${file}.old`), fs.writeFileSync(file, ''))],
  ['truncated', (file: string) => fs.truncateSync(file, 10)],
] as const) {
  test(`a spool file that was ${what} is noticed at the beat, told, and writing goes on in the next segment`, (t) => {
    const directory = temporary(t);
    const { writer } = writerIn(directory);
    writer.writeNow(call(1));
    harm(path.join(directory, writer.state.file!));
    writer.check();
    writer.writeNow(call(2));
    const [hello, gap, open] = contents(directory).at(-1)?.records ?? [];
    assert.equal(hello?.kind, 'hello');
    assert.ok(gap?.kind === 'gap' && gap.event === 'lost-spool' && gap.text.includes(what));
    assert.equal(open?.kind, 'open');
  });
}

test('a descriptor that the app closed and used for its own file gets nothing at the beat, and stays open', (t) => {
  const directory = temporary(t);
  const { writer } = writerIn(directory);
  writer.writeNow(call(1));
  const { fd } = writer;
  fs.closeSync(fd);
  const own = path.join(directory, 'own');
  const opened = fs.openSync(own, 'w');
  assert.equal(opened, fd);
  writer.check();
  writer.writeNow(call(2));
  assert.equal(fs.readFileSync(own, 'utf8'), '');
  fs.closeSync(opened);
  assert.deepEqual(kinds(directory), [
    ['hello', 'open'],
    ['hello', 'gap', 'open'],
  ]);
});

test('a closed descriptor costs the records until the next beat, which are counted', (t) => {
  const directory = temporary(t);
  const { writer } = writerIn(directory);
  fs.closeSync(writer.fd);
  writer.writeNow(call(1));
  writer.writeNow(call(2));
  writer.check();
  writer.writeNow(call(3));
  const records = contents(directory).at(-1)?.records ?? [];
  const missing = records.reduce((sum, record) => sum + (record.kind === 'gap' ? record.missing : 0), 0);
  assert.equal(missing, 2);
  assert.equal(writer.state.lost, 2);
});

test('at the budget of the process writing stops, and one gap tells how many calls were lost once there is room', (t) => {
  const directory = temporary(t);
  const { writer } = writerIn(directory, { segmentBytes: 1500, processBytes: 3000 });
  for (let i = 1; i <= 60; i++) writer.writeNow(call(i));
  assert.match(writer.state.stopped!, /3000 bytes/);
  const size = contents(directory).reduce((sum, { name }) => sum + fs.statSync(path.join(directory, name)).size, 0);
  assert.ok(size < 3600, `${size}`);
  const first = contents(directory)[0]!;
  fs.rmSync(path.join(directory, first.name));
  writer.check();
  writer.writeNow(call(61));
  writer.end('exit');
  const all = [first, ...contents(directory)].flatMap(({ records }) => records);
  const gaps = all.filter((record) => record.kind === 'gap');
  assert.deepEqual(
    gaps.map(({ event }) => event),
    ['budget'],
  );
  assert.equal(all.filter(({ kind }) => kind === 'open').length + gaps[0]!.missing, 61);
});

test('a process that ends beyond its budget still tells how many calls were lost', (t) => {
  const directory = temporary(t);
  const { writer } = writerIn(directory, { processBytes: 1500 });
  for (let i = 1; i <= 60; i++) writer.writeNow(call(i));
  writer.end('exit', 0);
  const [records = []] = contents(directory).map((file) => file.records);
  const gap = records.at(-2);
  assert.ok(gap?.kind === 'gap' && gap.event === 'budget');
  assert.equal(records.filter(({ kind }) => kind === 'open').length + gap.missing, 60);
  assert.equal(records.at(-1)?.kind, 'bye');
});

test('the budget of the directory counts the segments of other processes', (t) => {
  const directory = temporary(t);
  fs.writeFileSync(path.join(directory, '1-0-abc-00000000.0.spool'), Buffer.alloc(5000));
  const { writer } = writerIn(directory, { directoryBytes: 5000 });
  assert.match(writer.state.stopped!, /directory is full/);
  writer.writeNow(call(1));
  assert.equal(writer.state.lost, 1);
});

test('a directory that is missing costs records only, and writing starts when it appears', (t) => {
  const directory = path.join(temporary(t), 'later');
  const { writer } = writerIn(directory);
  writer.writeNow(call(1));
  assert.match(writer.state.stopped!, /ENOENT/);
  fs.mkdirSync(directory);
  writer.check();
  writer.writeNow(call(2));
  assert.deepEqual(kinds(directory), [['hello', 'gap', 'open']]);
});

test('a name that somebody else took is stepped over, a link is not followed', (t) => {
  const directory = temporary(t);
  const target = path.join(directory, 'target');
  const first = writerIn(directory).writer.state.file!;
  fs.rmSync(path.join(directory, first));
  fs.symlinkSync(target, path.join(directory, first));
  const { writer } = writerIn(directory);
  assert.match(writer.state.file!, /\.1\.spool$/);
  assert.ok(!fs.existsSync(target));
});

test('a record that cannot be written as such is counted as a fault', (t) => {
  const directory = temporary(t);
  const { writer } = writerIn(directory);
  writer.writeNow({ ...call(1), port: 0.5 });
  writer.writeNow(call(2));
  const gap = contents(directory)[0]?.records[1];
  assert.ok(gap?.kind === 'gap' && gap.event === 'fault' && gap.missing === 1);
});

test('slow writes are counted, ten within a minute are told once', (t) => {
  const directory = temporary(t);
  let clock = 0;
  const { writer } = writerIn(directory, {}, { monotonic: () => (clock += 60_000) });
  for (let i = 1; i <= 30; i++) writer.writeNow(call(i));
  const gaps = contents(directory)[0]!.records.filter((record) => record.kind === 'gap');
  assert.deepEqual(
    gaps.map(({ event, count }) => [event, count]),
    [['degraded', 10]],
  );
});
