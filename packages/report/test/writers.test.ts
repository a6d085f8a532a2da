import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Flat } from '@outwitness/event';

import { writerName, writersOf } from '../src/writers.ts';
import { NOW } from './sample.ts';

const SPOOL = '4711-0-abc-01234567.0.spool';
const WRITER = '4711-0-abc-01234567';

const hello: Flat = {
  kind: 'control',
  event: 'hello',
  time: NOW,
  app: 'shop',
  pid: 4711,
  thread: 0,
  spool: SPOOL,
  owner: 1000,
  runtime: 'node/24.21.0',
  agent: '0.1.0',
  loaded: 'require',
  channels: ['http', 'dns'],
  disabled: ['dns'],
  late: ['dotenv'],
};
const living = new Map([[WRITER, { lastSeen: NOW + 5, silent: false }]]);

test('a writer is what its hello says', () => {
  assert.deepEqual(writersOf([hello], living), [
    {
      writer: WRITER,
      app: 'shop',
      pid: 4711,
      thread: 0,
      state: 'live',
      since: NOW,
      lastSeen: NOW + 5,
      runtime: 'node/24.21.0',
      agent: '0.1.0',
      loaded: 'require',
      uid: 1000,
      channels: ['http', 'dns'],
      disabled: ['dns'],
      late: ['dotenv'],
      enabled: true,
      strict: false,
    },
  ]);
});

test('settings change it, whatever segment they stand in', () => {
  const settings: Flat = {
    kind: 'control',
    event: 'settings',
    time: NOW + 9,
    spool: `${WRITER}.3.spool`,
    generation: 4,
    enabled: false,
    strict: true,
    disabled: [],
  };
  const [writer] = writersOf([hello, settings], living);
  assert.deepEqual(
    [writer?.generation, writer?.enabled, writer?.strict, writer?.disabled, writer?.lastSeen],
    [4, false, true, [], NOW + 9],
  );
});

const bye: Flat = { kind: 'control', event: 'bye', time: NOW + 1, spool: SPOOL };
const killed: Flat = { kind: 'gap', event: 'killed', time: NOW + 1, spool: SPOOL };

for (const [what, rows, alive, state] of [
  ['lives', [hello], living, 'live'],
  ['is silent', [hello], new Map([[WRITER, { lastSeen: NOW, silent: true }]]), 'silent'],
  ['said goodbye', [hello, bye], new Map(), 'ended'],
  ['was killed', [hello, killed], new Map(), 'killed'],
  ['vanished', [hello], new Map(), 'killed'],
  ['said something else', [hello, { kind: 'gap', event: 'fault', time: NOW, spool: SPOOL }], living, 'live'],
] as const) {
  test(`a writer that ${what} is ${state}`, () => assert.equal(writersOf(rows, alive)[0]?.state, state));
}

test('rows of unknown writers make none', () => assert.deepEqual(writersOf([bye, killed], living), []));

test('a hostile hello makes a writer of what little it says', () => {
  const [writer] = writersOf([{ kind: 'control', event: 'hello', pid: 'x', channels: 'http' }], new Map());
  assert.deepEqual([writer?.pid, writer?.app, writer?.channels], [-1, '', []]);
});

test('the segment is no part of the name', () => {
  assert.equal(writerName(`${WRITER}.12.spool`), WRITER);
  assert.equal(writerName('odd'), 'odd');
});
