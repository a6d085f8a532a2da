import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, rmSync, statSync, truncateSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import type { SpoolMark } from '@outwitness/ledger';
import { frameText, segmentName, writerName } from '@outwitness/spool';
import { canonical, type SpoolRecord } from '@outwitness/event';
import { SpoolDrain } from '../src/spool-drain.ts';

const NOW = Date.now();
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'outwitness-drain-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const gone = spawn(process.execPath, ['-e', '']);
await once(gone, 'exit');
const DEAD = gone.pid as number;

function writer(pid: number, random = '00000000'): string {
  return writerName(pid, 0, NOW, random);
}

function append(name: string, records: readonly object[], from = 0): void {
  const text = records.map((record, i) => {
    const payload = canonical({ n: from + i, time: NOW * 1_000, ...record });
    return frameText(payload, Buffer.byteLength(payload));
  });
  appendFileSync(join(folder, name), text.join(''));
}

const HELLO = {
  kind: 'hello',
  v: 1,
  app: 'a',
  pid: 1,
  thread: 0,
  segment: 0,
  runtime: 'node/24',
  agent: '1',
  loaded: 'require',
  channels: [],
};
const BEAT = { kind: 'beat', records: 1, faults: 0 };
const BYE = { kind: 'bye', records: 1, faults: 0, reason: 'exit' };

function kinds(records: readonly SpoolRecord[]): string[] {
  return records.map(({ kind }) => kind);
}

function marksOf(drain: SpoolDrain): SpoolMark[] {
  return drain.harvest().files.map(({ name, nextOffset, nextN, owner, ended }) => ({
    name,
    offset: nextOffset,
    n: nextN,
    owner,
    drained: ended ? 1 : 0,
  }));
}

test('what a living writer appends is harvested once, in order, with its offsets', () => {
  const name = segmentName(writer(process.pid), 0);
  const drain = new SpoolDrain(folder, []);
  append(name, [HELLO]);
  drain.turn(NOW);
  append(name, [BEAT], 1);
  drain.turn(NOW);
  const [first] = drain.harvest().files;
  assert.ok(first);
  assert.deepEqual([kinds(first.records), first.offset, first.nextN, first.ended], [['hello', 'beat'], 0, 2, false]);
  drain.taken();
  assert.deepEqual(drain.harvest().files, []);
  append(name, [BYE], 2);
  drain.turn(NOW);
  const [second] = drain.harvest().files;
  assert.deepEqual([second?.offset, kinds(second?.records ?? []), second?.ended], [first.nextOffset, ['bye'], true]);
});

test('a drain made from marks goes on where they stand', () => {
  const name = segmentName(writer(process.pid), 0);
  append(name, [HELLO, BEAT]);
  const before = new SpoolDrain(folder, []);
  before.turn(NOW);
  const resumed = new SpoolDrain(folder, marksOf(before));
  append(name, [BEAT], 2);
  resumed.turn(NOW);
  assert.deepEqual(kinds(resumed.harvest().files[0]?.records ?? []), ['beat']);
  assert.deepEqual(resumed.harvest().files[0]?.damage, []);
});

test('a file that shrank while nobody drained is read again if its writer lives, and left if it is gone', () => {
  for (const [pid, harvested] of [
    [process.pid, ['hello']],
    [DEAD, []],
  ] as const) {
    const name = segmentName(writer(pid), 0);
    append(name, [HELLO]);
    const { size } = statSync(join(folder, name));
    append(name, [BEAT, BEAT], 1);
    const before = new SpoolDrain(folder, []);
    before.turn(NOW);
    truncateSync(join(folder, name), size);
    const resumed = new SpoolDrain(
      folder,
      marksOf(before).filter((mark) => mark.name === name),
    );
    for (let i = 0; i < 3; i++) resumed.turn(NOW);
    const [file] = resumed.harvest().files;
    assert.deepEqual(kinds(file?.records ?? []), harvested);
    assert.deepEqual(
      file?.damage.map(({ event }) => event) ?? [],
      harvested.map(() => 'lost-spool'),
    );
    if (pid === DEAD) assert.deepEqual(resumed.harvest().gone, [writer(DEAD)]);
    rmSync(join(folder, name));
  }
});

test('a writer whose process is gone without a bye is named gone once, after its file was read', () => {
  const name = segmentName(writer(DEAD), 0);
  append(name, [HELLO]);
  const drain = new SpoolDrain(folder, []);
  drain.turn(NOW);
  assert.deepEqual([drain.harvest().gone, drain.harvest().files.length], [[], 1], 'it grew in this turn');
  drain.turn(NOW);
  assert.deepEqual(drain.harvest().gone, [writer(DEAD)]);
  drain.taken();
  drain.turn(NOW);
  assert.equal(drain.waiting, 0);
  assert.deepEqual(drain.living(), []);
});

test(
  'a writer whose clock is an hour behind lives as long as its file grows, a file of an older namesake does not',
  { skip: process.platform === 'linux' ? false : 'needs /proc' },
  () => {
    const hourBefore = Math.floor(NOW - process.uptime() * 1_000 - 3_600_000);
    const behind = writerName(process.pid, 0, hourBefore, '00000000');
    append(segmentName(behind, 0), [HELLO]);
    const drain = new SpoolDrain(folder, []);
    drain.turn(NOW);
    drain.taken();
    drain.turn(NOW + 1_000);
    assert.deepEqual([drain.harvest().gone, drain.living().map((one) => one.writer)], [[], [behind]]);
    const past = new Date(hourBefore);
    utimesSync(join(folder, segmentName(behind, 0)), past, past);
    drain.turn(NOW + 2_000);
    assert.deepEqual(drain.harvest().gone, [behind]);
  },
);

test('a torn tail of a process that is gone is damage, one of a living process is waited for', () => {
  for (const [pid, damaged] of [
    [DEAD, 1],
    [process.pid, 0],
  ] as const) {
    const name = segmentName(writer(pid), 0);
    append(name, [HELLO]);
    appendFileSync(join(folder, name), '40 00000000 {"kind":"be');
    const drain = new SpoolDrain(folder, []);
    for (let i = 0; i < 3; i++) drain.turn(NOW);
    const damage = drain
      .harvest()
      .files.filter((file) => file.name === name)
      .flatMap((file) => file.damage);
    assert.equal(damage.filter(({ event }) => event === 'torn').length, damaged);
  }
});

test('a writer that said bye is neither gone nor silent', () => {
  append(segmentName(writer(DEAD), 0), [HELLO, BYE]);
  const drain = new SpoolDrain(folder, []);
  drain.turn(NOW);
  drain.turn(NOW + 60_000);
  assert.deepEqual([drain.harvest().gone, drain.harvest().silent, drain.living()], [[], [], []]);
});

test('a living writer that says nothing for 20 s is silent once, until it speaks again', () => {
  const name = segmentName(writer(process.pid), 0);
  append(name, [HELLO]);
  const drain = new SpoolDrain(folder, []);
  drain.turn(NOW);
  drain.turn(NOW + 19_000);
  assert.deepEqual(drain.harvest().silent, []);
  drain.turn(NOW + 21_000);
  assert.deepEqual(drain.harvest().silent, [writer(process.pid)]);
  assert.equal(drain.living()[0]?.silent, true);
  drain.taken();
  drain.turn(NOW + 30_000);
  assert.deepEqual(drain.harvest().silent, []);
  append(name, [BEAT], 1);
  drain.turn(NOW + 31_000);
  assert.equal(drain.living()[0]?.silent, false);
  drain.turn(NOW + 60_000);
  assert.deepEqual(drain.harvest().silent, [writer(process.pid)]);
});

test('a living writer whose files were all removed is given up', () => {
  const name = segmentName(writer(process.pid), 0);
  append(name, [HELLO]);
  const drain = new SpoolDrain(folder, []);
  drain.turn(NOW);
  drain.taken();
  rmSync(join(folder, name));
  drain.turn(NOW);
  assert.deepEqual(drain.harvest().gone, [writer(process.pid)]);
});
