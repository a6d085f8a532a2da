import assert from 'node:assert/strict';
import { test } from 'node:test';

import { rootOf, rowHash } from './memory/tree.ts';
import { inbound, outbound } from './memory/shop.ts';
import { serve } from './served.ts';

const T0 = Date.UTC(2026, 2, 2, 9) * 1000;

test('the report is handed through untouched', async (t) => {
  const { backend, ask, signIn } = await serve(t);
  const now = Date.now() * 1000;
  backend.commit(outbound(now, 0), outbound(now, 4), inbound(now, 0));
  const cookie = await signIn('viewer');
  const { json } = await ask('GET', '/api/report', { cookie });
  const expected = await backend.report({});
  assert.deepEqual({ ...json, generatedAt: '' }, { ...expected, generatedAt: '' });
  assert.deepEqual(json.totals, { events: 3, vendor: 1, thirdParty: 1, internal: 1, unclassified: 0 });
  assert.equal((await ask('GET', '/api/report?app=other', { cookie })).json.totals.events, 0);
});

test('rows come in pages both ways, with filters and bounds', async (t) => {
  const { backend, ask, signIn } = await serve(t);
  const cookie = await signIn('viewer');
  for (let i = 0; i < 60; i++) backend.commit(outbound(T0 + i * 1_000_000, i));
  const all = backend.ledger.rows;

  const seen: number[] = [];
  let after = '';
  for (let pages = 0; pages < 50; pages++) {
    const { json } = await ask('GET', `/api/rows?limit=7${after}`, { cookie });
    for (const row of json.rows) {
      assert.equal(row.leaf, all[row.seq]?.leaf);
      assert.equal(row.rowHash, rowHash(row.leaf).toString('hex'));
      seen.push(row.seq);
    }
    if (json.next === null) break;
    after = `&after=${json.next}`;
  }
  assert.deepEqual(seen, all.map(({ seq }) => seq).toReversed());

  const seqs = async (query: string): Promise<number[]> => {
    const { json } = await ask('GET', `/api/rows?limit=500&order=oldest&${query}`, { cookie });
    return json.rows.map(({ seq }: { seq: number }) => seq);
  };
  const matching = (holds: (fields: Record<string, unknown>) => boolean): number[] =>
    all.filter(({ fields }) => holds(fields)).map(({ seq }) => seq);
  assert.deepEqual(
    await seqs('where=host%3Dapi.stripe.com'),
    matching((f) => f['host'] === 'api.stripe.com'),
  );
  assert.deepEqual(
    await seqs('where=kind%3Dnet&where=channel%3Dtcp&where=channel%3Dsmtp&not=outcome%3Dtimeout'),
    matching((f) => (f['channel'] === 'tcp' || f['channel'] === 'smtp') && f['outcome'] !== 'timeout'),
  );
  assert.deepEqual(
    await seqs('where=chain%3Dpg'),
    matching((f) => f['package'] === 'pg'),
  );
  assert.deepEqual(
    await seqs('where=host%3D'),
    matching((f) => f['host'] === undefined),
  );
  assert.deepEqual(await seqs('from=10&to=12'), [10, 11]);
  assert.deepEqual(
    await seqs(`where=kind%3Dnet&from=2026-03-02T09:00:10Z&to=2026-03-02T10:00:12%2B01:00`),
    matching((f) => f['kind'] === 'net' && Number(f['time']) >= T0 + 10_000_000 && Number(f['time']) < T0 + 12_000_000),
  );
  const at = await ask('GET', '/api/rows/at?time=2026-03-02T09:00:10.000001Z', { cookie });
  assert.equal(
    all[at.json.seq]?.fields['time'],
    all.find(({ fields }) => Number(fields['time']) > T0 + 10_000_000)?.fields['time'],
  );
});

test('a row comes with its neighbours and a proof that leads to the signed root', async (t) => {
  const { backend, ask, signIn } = await serve(t);
  const cookie = await signIn('viewer');
  backend.commit(outbound(T0, 1), outbound(T0, 2));
  const seq = backend.ledger.rows.length - 2;
  const { json } = await ask('GET', `/api/rows/${seq}`, { cookie });
  assert.equal(json.leaf, backend.ledger.rows[seq]?.leaf);
  assert.equal(JSON.parse(json.leaf).prev, json.previous.rowHash);
  assert.equal(JSON.parse(backend.ledger.rows[seq + 1]?.leaf ?? '').prev, json.rowHash);
  const root = rootOf(backend.ledger.rows.map(({ hash }) => hash)).toString('base64');
  assert.equal(json.inclusion.note.split('\n')[2], root);
  assert.equal(json.inclusion.size, backend.ledger.rows.length);
  assert.equal((await ask('GET', '/api/rows/999', { cookie })).status, 404);
});

test('a proof is handed out after the row that says so, and not to a viewer', async (t) => {
  const { backend, ask, signIn } = await serve(t);
  backend.commit(outbound(T0, 1));
  const viewer = await signIn('viewer');
  assert.equal((await ask('POST', '/api/rows/2/proof', { cookie: viewer })).json.error.code, 'not-allowed');

  const cookie = await signIn('operator');
  const before = backend.ledger.rows.length;
  const proof = await ask('POST', '/api/rows/2/proof', { cookie });
  assert.equal(proof.status, 200);
  assert.equal(proof.headers['content-disposition'], 'attachment; filename="row-2.tlog-proof"');
  assert.match(proof.text, /^c2sp\.org\/tlog-proof@v1\nextra \S+\nindex 2\n/);
  const row = backend.ledger.rows[before]?.fields;
  assert.equal(row?.['event'], 'export');
  assert.equal(row?.['actor'], 'operator');

  backend.refusesControl = true;
  const refused = await ask('POST', '/api/rows/2/proof', { cookie });
  assert.equal(refused.status, 503);
  assert.equal(refused.headers['content-type'], 'application/json; charset=utf-8');
  assert.equal(refused.json.error.code, 'not-recorded');
});

test('the API describes itself', async (t) => {
  const { ask, signIn } = await serve(t);
  const cookie = await signIn('viewer');
  assert.equal((await ask('GET', '/api/openapi.json')).status, 401);
  const { json } = await ask('GET', '/api/openapi.json', { cookie });
  assert.deepEqual(Object.keys(json.paths).toSorted(), [
    '/api/components',
    '/api/links',
    '/api/live',
    '/api/people',
    '/api/people/{name}',
    '/api/report',
    '/api/rows',
    '/api/rows/at',
    '/api/rows/{seq}',
    '/api/rows/{seq}/proof',
    '/api/session',
    '/api/sessions/{id}',
    '/api/settings',
    '/api/traffic',
    '/api/verifier',
    '/api/verifier/file',
    '/api/witness',
  ]);
});
