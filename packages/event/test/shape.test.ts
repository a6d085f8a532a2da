import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  CHANNELS,
  FIELDS,
  type Flat,
  LEAF_FIELDS,
  MAX_LEAF_BYTES,
  NET_FIELDS,
  RECORD_FIELDS,
  RECORD_KINDS,
  toRecord,
} from '@outwitness/event';

const open: Flat = { kind: 'open', n: 3, time: 1, call: 1, direction: 'out', channel: 'http', queryKeys: ['a'] };

test('a record with the members of its kind is accepted as it is', () => {
  assert.equal(toRecord(open), open);
});

for (const [what, change, expected] of [
  ['unknown kind', { kind: 'row' }, /unknown kind/],
  ['kind that is a member of Object.prototype', { kind: 'constructor' }, /unknown kind/],
  ['missing number', { n: undefined }, /without n/],
  ['missing call', { call: undefined }, /without call/],
  ['member of another kind', { manifest: 'x' }, /unknown member manifest/],
  ['member that could hold a body', { body: 'x' }, /unknown member body/],
  ['wrong type', { port: '80' }, /port is no int/],
  ['negative count', { call: -1 }, /call is no int/],
  ['string for a list', { queryKeys: 'a' }, /queryKeys is no strings/],
] as const) {
  test(`a record with ${what} is refused`, () => {
    assert.throws(() => toRecord({ ...open, ...change }), { code: 'record-shape', message: expected });
  });
}

test('done needs a call or a connection, conn an owner', () => {
  assert.throws(() => toRecord({ kind: 'done', n: 1, time: 1, outcome: 'ok' }), { code: 'record-shape' });
  assert.throws(() => toRecord({ kind: 'conn', n: 1, time: 1, conn: 1, direction: 'out', channel: 'tcp' }), {
    code: 'record-shape',
  });
});

test('every record kind has its members and every field a limit', () => {
  assert.deepEqual(Object.keys(RECORD_FIELDS).sort(), [...RECORD_KINDS].sort());
  for (const [name, field] of Object.entries(FIELDS)) {
    if (field.type === 'string') assert.ok(field.limit <= 1024, name);
    if (field.type === 'strings') assert.ok(field.limit <= 214 && field.count <= 100, name);
  }
});

test('no field of a row can hold a body: the names are closed and the strings are short', () => {
  const names = Object.keys({ ...LEAF_FIELDS, ...NET_FIELDS });
  for (const forbidden of ['body', 'data', 'content', 'payload', 'headers', 'query', 'value', 'values'])
    assert.ok(!names.includes(forbidden));
  const longest = Object.values(FIELDS).reduce((sum, f) => sum + (f.type === 'string' ? f.limit : 0), 0);
  assert.ok(longest < MAX_LEAF_BYTES, `all single strings together hold ${longest} bytes`);
});

test('the channels of both agents are in the vocabulary once', () => {
  assert.equal(new Set(CHANNELS).size, CHANNELS.length);
  assert.equal(CHANNELS.length, 18);
});

test('field limits stand in docs/formats/event.md as they are in the code', async () => {
  const { readFile } = await import('node:fs/promises');
  const text = await readFile(new URL('../../../docs/formats/event.md', import.meta.url), 'utf8');
  const table = new Map<string, string>();
  for (const line of text.split('\n')) {
    const cells = line.split('|').map((cell) => cell.trim());
    const names = [...(cells[1] ?? '').matchAll(/`([A-Za-z0-9]+)`/g)].map((match) => match[1] as string);
    const limits = (cells[3] ?? '').split('·').map((cell) => cell.trim());
    names.forEach((one, i) => table.set(one, limits[Math.min(i, limits.length - 1)] ?? ''));
  }
  for (const [name, field] of Object.entries(FIELDS)) {
    if (field.type === 'string') assert.equal(table.get(name), String(field.limit), name);
    if (field.type === 'strings') assert.equal(table.get(name), `${field.count} × ${field.limit}`, name);
  }
});
