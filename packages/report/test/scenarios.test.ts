/** Stories told by rows alone: judged, folded, gathered, and only then a verdict. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { gather, type ReportRequest } from '../src/gather.ts';
import { buildReport } from '../src/report.ts';
import { MemorySource } from './memory-source.ts';
import { CATALOGUE, DAY, draft, HOUR, LEDGER, NOW, omit, SETTINGS, writer } from './sample.ts';

const MANIFEST = JSON.stringify({
  endpoints: [{ host: 'licence.acme.test', port: 443, methods: ['POST'], purpose: 'Licence', maxBytesOut: 100 }],
});
const CHECK = { package: '@acme/licence', host: 'licence.acme.test', method: 'POST', path: '/v1/check' };

function shop(): MemorySource {
  const source = new MemorySource();
  source.packageFacts = [{ package: '@acme/licence', version: '2.3.0', manifest: MANIFEST }];
  return source;
}

interface Story {
  readonly name: string;
  readonly happens: (source: MemorySource) => unknown;
  readonly ask?: Partial<ReportRequest>;
  readonly verdict: string;
  readonly reasons: readonly string[];
}

const STORIES: readonly Story[] = [
  {
    name: 'nothing happens',
    happens: () => undefined,
    verdict: 'insufficient-data',
    reasons: ['no-data'],
  },
  {
    name: 'the licence is checked as declared',
    happens: (source) => source.net(CHECK).net(CHECK),
    verdict: 'all-clear',
    reasons: [],
  },
  {
    name: 'the licence is checked and the answer never comes',
    happens: (source) => source.net({ ...CHECK, outcome: 'lost' }).net({ ...CHECK, outcome: 'refused' }),
    verdict: 'all-clear',
    reasons: [],
  },
  {
    name: 'the vendor is sent something to another path',
    happens: (source) => source.net(CHECK).net({ ...CHECK, path: '/v1/orders' }),
    verdict: 'alarm',
    reasons: ['vendor-outside-declaration'],
  },
  {
    name: 'the vendor is sent too much, and that shows only at the end of a long call',
    happens: (source) =>
      source.net({ ...CHECK, phase: 'open', bytesOut: 10 }).net({ ...CHECK, phase: 'end', bytesOut: 101 }),
    verdict: 'alarm',
    reasons: ['vendor-outside-declaration'],
  },
  {
    name: 'the vendor is contacted on another host of its own',
    happens: (source) => source.net({ ...CHECK, host: 'collect.acme.test' }),
    verdict: 'alarm',
    reasons: ['vendor-outside-declaration'],
  },
  {
    name: 'the vendor is contacted by a bare TLS connection: what nobody can see contradicts nothing',
    happens: (source) => source.call({ ...omit(draft(CHECK), 'method', 'path', 'scheme'), channel: 'tls' }),
    verdict: 'all-clear',
    reasons: [],
  },
  {
    name: "the vendor's name is looked up with data in it",
    happens: (source) =>
      source.net({ package: '@acme/licence', channel: 'dns', method: 'TXT', host: 'c2VjcmV0.x.acme.test', port: 53 }),
    verdict: 'alarm',
    reasons: ['vendor-outside-declaration'],
  },
  {
    name: 'strict redaction hides the path',
    happens: (source) => source.net({ ...CHECK, path: '/{s}/{s}' }),
    verdict: 'all-clear',
    reasons: [],
  },
  {
    name: 'a mock answers in place of the vendor',
    happens: (source) => source.net(CHECK).net({ ...CHECK, host: 'collect.acme.test', outcome: 'local' }),
    verdict: 'all-clear',
    reasons: [],
  },
  {
    name: 'a package talks to somebody unknown',
    happens: (source) => source.net({ host: 'tracker.example.test', package: 'left-pad' }),
    verdict: 'attention',
    reasons: ['new-pair'],
  },
  {
    name: 'it has done so since before the window ended',
    happens: (source) =>
      source
        .net({ host: 'tracker.example.test', package: 'left-pad', time: NOW - 29 * DAY })
        .net({ host: 'tracker.example.test', package: 'left-pad' }),
    verdict: 'all-clear',
    reasons: [],
  },
  {
    name: 'it does so inside the window',
    happens: (source) => {
      source.ledgerFact = { ...LEDGER, firstRowAt: NOW - DAY };
      source.net({ host: 'tracker.example.test', package: 'left-pad' });
    },
    verdict: 'insufficient-data',
    reasons: ['learning'],
  },
  {
    name: 'an alarm is one inside the window too',
    happens: (source) => {
      source.ledgerFact = { ...LEDGER, firstRowAt: NOW - DAY };
      source.net({ ...CHECK, path: '/v1/orders' });
    },
    verdict: 'alarm',
    reasons: ['vendor-outside-declaration', 'learning'],
  },
  {
    name: 'a name resolves to loopback and is a stranger all the same',
    happens: (source) => source.net({ host: 'tracker.example.test', package: 'left-pad', peerAddress: '127.0.0.1' }),
    verdict: 'attention',
    reasons: ['new-pair'],
  },
  {
    name: 'a public address hides behind a number',
    happens: (source) => source.net({ host: '134744072', package: 'left-pad', peerAddress: '8.8.8.8' }),
    verdict: 'attention',
    reasons: ['new-pair'],
  },
  {
    name: 'a call has no package',
    happens: (source) => source.call({ ...omit(draft(), 'package'), host: 'db' }).net({ package: '' }),
    verdict: 'attention',
    reasons: ['unattributed'],
  },
  {
    name: 'strangers visit the shop',
    happens: (source) =>
      source.net({ direction: 'in', peerAddress: '198.51.100.7', localAddress: '10.0.0.1', localPort: 80 }),
    verdict: 'all-clear',
    reasons: [],
  },
  {
    name: 'the auditor phones home',
    happens: (source) => source.net(CHECK).net({ app: 'outwitness', host: 'home.test' }),
    verdict: 'alarm',
    reasons: ['self-egress'],
  },
  {
    name: 'the agent phones home from inside the shop',
    happens: (source) => source.net({ package: '@outwitness/agent', host: 'db' }),
    verdict: 'alarm',
    reasons: ['self-egress'],
  },
  {
    name: 'records are damaged, and a process was killed',
    happens: (source) =>
      source
        .net(CHECK)
        .other({ kind: 'gap', event: 'damaged', time: NOW, missing: 3, count: 1, text: '3 records' })
        .other({ kind: 'gap', event: 'killed', time: NOW, missing: 0, count: 1, text: 'process 7' }),
    verdict: 'attention',
    reasons: ['capture-gap'],
  },
  {
    name: 'a process was killed and nothing is missing',
    happens: (source) => source.net(CHECK).other({ kind: 'gap', event: 'killed', time: NOW, missing: 0, count: 1 }),
    verdict: 'all-clear',
    reasons: [],
  },
  {
    name: 'a locked internal is replaced while everything else is in order',
    happens: (source) => source.net(CHECK).other({ kind: 'hook', event: 'changed', time: NOW, text: 'TCP.connect' }),
    verdict: 'alarm',
    reasons: ['hook-changed'],
  },
  {
    name: 'curl is started',
    happens: (source) => source.call({ ...omit(draft(), 'host', 'port'), channel: 'process', path: 'curl' }).net(CHECK),
    verdict: 'attention',
    reasons: ['child-process'],
  },
  {
    name: 'a silent agent, a gap and an unknown destination at once: worst first, then in the order of the rules',
    happens: (source) => {
      source.writerFacts = [writer({ state: 'silent' })];
      source
        .net({ host: 'tracker.example.test', package: 'left-pad' })
        .other({ kind: 'gap', event: 'fault', time: NOW, missing: 0, count: 1 })
        .net({ ...CHECK, host: 'collect.acme.test' });
    },
    verdict: 'alarm',
    reasons: ['vendor-outside-declaration', 'new-pair', 'capture-gap', 'agent-silent'],
  },
  {
    name: 'what happened last week is not of today',
    happens: (source) => source.net({ ...CHECK, path: '/v1/orders', time: NOW - 7 * DAY }).net(CHECK),
    verdict: 'all-clear',
    reasons: [],
  },
  {
    name: 'last week is asked for',
    happens: (source) => source.net({ ...CHECK, path: '/v1/orders', time: NOW - 7 * DAY }).net(CHECK),
    ask: { from: NOW - 8 * DAY, to: NOW - 6 * DAY },
    verdict: 'alarm',
    reasons: ['vendor-outside-declaration'],
  },
  {
    name: 'another application leaks',
    happens: (source) => source.net(CHECK).net({ ...CHECK, path: '/v1/orders', app: 'admin' }),
    ask: { app: 'shop' },
    verdict: 'all-clear',
    reasons: [],
  },
  {
    name: 'the clock of the process was two days behind: the row is of the time at which it arrived',
    happens: (source) => source.net({ ...CHECK, path: '/v1/orders', time: NOW - 48 * HOUR, skew: 48 * HOUR }),
    verdict: 'alarm',
    reasons: ['vendor-outside-declaration'],
  },
];

for (const { name, happens, ask = {}, verdict, reasons } of STORIES) {
  test(`${name}: ${verdict}`, async () => {
    const source = shop();
    happens(source);
    const report = buildReport(await gather(source, { now: NOW, settings: SETTINGS, catalogue: CATALOGUE, ...ask }));
    assert.deepEqual(
      report.reasons.map((reason) => reason.id),
      reasons,
    );
    assert.equal(report.verdict, verdict);
  });
}

test('the rows behind a reason are those that its link finds', async () => {
  const source = shop();
  for (const path of ['/v1/check', '/v1/orders', '/v1/check', '/v1/customers']) source.net({ ...CHECK, path });
  source.net({ ...CHECK, host: 'collect.acme.test' });
  const report = buildReport(await gather(source, { now: NOW, settings: SETTINGS, catalogue: CATALOGUE }));
  const [reason] = report.reasons;
  const found = reason?.detail.map(({ link }) =>
    source.leaves
      .filter((row) => Object.entries(link.where).every(([field, value]) => String(row[field] ?? '') === value))
      .filter((row) => row.seq >= (link.fromSeq ?? 0) && row.seq <= (link.toSeq ?? Infinity))
      .map((row) => row.seq),
  );
  assert.deepEqual(found, [[4], [1, 3]]);
  assert.deepEqual(
    reason?.detail.map((one) => one.count),
    [1, 2],
  );
});
