import assert from 'node:assert/strict';
import { test } from 'node:test';

import { coverageOf } from '../src/coverage.ts';
import type { Facts } from '../src/facts.ts';
import { notChecked } from '../src/not-checked.ts';
import { cell, facts, group, HOUR, LEDGER, ledger, NOW, omit, program, SETTINGS, writer } from './sample.ts';

test('writers are counted by state; live and silent ones stand first, then the most recent', () => {
  const writers = [
    writer({ writer: 'a', state: 'ended', since: NOW - HOUR }),
    writer({ writer: 'b', state: 'killed', since: NOW }),
    writer({ writer: 'c', state: 'silent' }),
    writer({ writer: 'd', state: 'live' }),
  ];
  const coverage = coverageOf(facts({ writers }));
  assert.deepEqual([coverage.live, coverage.silent, coverage.ended, coverage.killed], [1, 1, 1, 1]);
  assert.deepEqual(
    coverage.writers.map((one) => one.writer),
    ['d', 'c', 'b', 'a'],
  );
});

test('a writer is shown with what it says of itself, null where it says nothing', () => {
  const bare = omit(writer(), 'runtime', 'agent', 'loaded', 'uid', 'lastSeen');
  assert.deepEqual(coverageOf(facts({ writers: [bare] })).writers, [
    {
      writer: '4711-0-abc-01234567',
      app: 'shop',
      pid: 4711,
      thread: 0,
      state: 'live',
      runtime: null,
      agent: null,
      loaded: null,
      uid: null,
      since: '2026-03-02T09:15:00.000Z',
      lastSeen: null,
      channels: ['http', 'undici'],
      disabled: [],
      late: [],
      generation: null,
      enabled: true,
      strict: false,
    },
  ]);
});

test('more than 200 writers are cut, and it says so', () => {
  const writers = Array.from({ length: 203 }, (_, i) => writer({ writer: `w${i}`, state: 'ended' }));
  const coverage = coverageOf(facts({ writers }));
  assert.deepEqual([coverage.writers.length, coverage.writersOmitted, coverage.ended], [200, 3, 203]);
});

for (const [what, change, state] of [
  ['every live process has it', { writers: [writer(), writer()] }, 'live'],
  ['one of two has it', { writers: [writer(), writer({ channels: ['undici'] })] }, 'partly'],
  ['one has it and one switched it off', { writers: [writer(), writer({ disabled: ['http'] })] }, 'partly'],
  ['the only one switched it off', { writers: [writer({ channels: ['undici'], disabled: ['http'] })] }, 'disabled'],
  [
    'the settings switch it off and nobody runs',
    { writers: [], settings: { ...SETTINGS, disabledChannels: ['http'] } },
    'disabled',
  ],
] as const) {
  test(`a channel is ${state} if ${what}`, () => {
    const http = coverageOf(facts(change as Partial<Facts>)).channels.find((one) => one.channel === 'http');
    assert.equal(http?.state, state);
  });
}

test('processes that are gone have no channels', () => {
  assert.deepEqual(coverageOf(facts({ writers: [writer({ state: 'ended' })] })).channels, []);
});

test('gaps are listed with their newest row, harmless ones too', () => {
  const coverage = coverageOf(facts({ gaps: [group('killed'), group('damaged', { count: 3, missing: 2 })] }));
  assert.equal(coverage.missing, 2);
  assert.deepEqual(coverage.gaps[1], {
    event: 'damaged',
    rows: 1,
    count: 3,
    missing: 2,
    text: 'text of damaged',
    at: '2026-03-02T10:14:00.000Z',
    lastSeq: 50,
  });
});

test('late loads are listed, serious or not', () => {
  const rows = [
    { seq: 9, time: NOW, app: 'shop', pid: 5, late: ['module undici'] },
    { seq: 8, time: NOW, app: 'shop', pid: 4, late: ['dotenv'] },
  ];
  assert.deepEqual(
    coverageOf(facts({ controls: [group('late-load', { newest: rows })] })).lateLoads.map((one) => [
      one.pid,
      one.serious,
    ]),
    [
      [5, true],
      [4, false],
    ],
  );
});

test('attribution counts outbound calls with and without a package', () => {
  const cells = [
    cell({ events: 5 }),
    cell({ package: '', events: 2 }),
    cell({ direction: 'in', package: '', events: 9 }),
  ];
  assert.deepEqual(coverageOf(facts({ cells, cachedCalls: 3 })).attribution, {
    attributed: 5,
    unattributed: 2,
    cached: 3,
  });
  assert.equal(coverageOf(facts({ cachedCalls: null })).attribution.cached, null);
});

test('children and addons are listed whatever they are', () => {
  const programs = [program({ program: 'convert' }), program({ channel: 'native', program: 'x.node', package: '' })];
  assert.deepEqual(coverageOf(facts({ programs })).outside, [
    { channel: 'process', program: 'convert', package: 'client', events: 2, lastSeq: 90 },
    { channel: 'native', program: 'x.node', package: null, events: 2, lastSeq: 90 },
  ]);
});

const says = (change: Partial<Facts>): string => notChecked(facts(change)).join('\n');

for (const [what, change, expected] of [
  ['the key within reach', ledger({ keyWithinReach: true }), /signing key is within its reach/],
  ['a record that was never verified', { ledger: omit(LEDGER, 'verification') }, /not verified yet/],
  ['child processes', { programs: [program()] }, /child processes sent: curl ran outside/],
  ['native addons', { programs: [program({ channel: 'native', package: 'sharp' })] }, /native addons sent: sharp/],
  ['channels that are off', { settings: { ...SETTINGS, disabledChannels: ['dns'] } }, /switched off: dns\./],
  ['strict redaction', { settings: { ...SETTINGS, strict: true } }, /strict redaction keeps their depth only/],
  ['reused callers', { cachedCalls: 4 }, /The caller of 4 calls/],
] as const) {
  test(`not proven: ${what}`, () => {
    assert.match(says(change), expected);
    assert.doesNotMatch(says({}), expected);
  });
}

test('not proven: who reaches the key, if nobody knows', () => {
  assert.match(says({ ledger: omit(LEDGER, 'keyWithinReach') }), /under which user it runs is not known/);
});

test('always not proven: the future word of the audited code, an exchanged record, the contents', () => {
  assert.equal(notChecked(facts()).length, 3);
  assert.match(says({}), /lie about its own future calls/);
  assert.match(says({}), /checkpoint kept elsewhere/);
  assert.match(says({}), /bodies are never captured/);
});
