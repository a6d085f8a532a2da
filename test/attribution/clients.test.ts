import assert from 'node:assert/strict';
import { test } from 'node:test';
import { auditedNodes } from '../../claims/system/node-binaries.ts';
import { layClients } from './application.ts';
import { type Judged, listSites, runSites } from './corpus.ts';

/** Below Node 24 only what waits in a queue or on an object is followed: docs/decisions/0003-attribution.md. */
const LEAST_RIGHT = { noted: 0.95, without: 0.7 };

const application = await layClients();
const ofClients = /^uses-/;

for (const node of auditedNodes()) {
  test(`${node.name}: the calls of real clients are put down to who called the client, and never to anybody else`, async () => {
    const sites = listSites(node.path, application).filter((site) => ofClients.test(site.package));
    const judged = await runSites(node.path, application, sites);
    assert.ok(judged.length > 200, `${judged.length} rows: expected those of more than 200 sites`);
    assert.deepEqual(judged.filter(isWrong), []);
    const noted = judged.filter(({ basis }) => basis === 'async').length;
    const right = judged.filter(({ grade }) => grade === 'right').length / judged.length;
    const least = major(node.version) >= 24 ? LEAST_RIGHT.noted : LEAST_RIGHT.without;
    assert.ok(right >= least, `${(right * 100).toFixed(1)} % right: expected at least ${least * 100} %`);
    assert.ok(major(node.version) < 24 || noted > 50, `${noted} rows of a noted caller: expected more than 50`);
  });
}

function isWrong({ grade }: Judged): boolean {
  return grade === 'wrong' || grade === 'no-row';
}

function major(version: string): number {
  return Number.parseInt(version, 10);
}
