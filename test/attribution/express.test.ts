import assert from 'node:assert/strict';
import { test } from 'node:test';
import { auditedNodes } from '../../claims/system/node-binaries.ts';
import { layExpress } from './application.ts';
import { type Inbound, listSites, runSites } from './corpus.ts';

const MIDDLEWARE = 'a middleware of a package, behind a route of another';

for (const express of ['express', 'express-4']) {
  for (const node of auditedNodes()) {
    // Node 20 does not tell which modules are required.
    const known = Number.parseInt(node.version, 10) >= 22;
    const name = known
      ? 'a call that leaves when the handler is off the stack is put down to the package whose route it is'
      : 'no call of a route is put down to anybody else';
    test(`${node.name}, ${express}: ${name}`, async () => {
      const application = await layExpress(express);
      const sites = listSites(node.path, application);
      const inbound: Inbound[] = [];
      const judged = await runSites(node.path, application, sites, { OUTWITNESS_CONTEXT: 'on' }, inbound);
      const wrong = judged.filter(({ grade }) => grade === 'wrong' || grade === 'no-row');
      assert.deepEqual(wrong, []);
      assert.equal(judged.length, sites.length);
      if (!known) return;
      for (const { site, off, basis, grade } of judged) {
        const expected = site === MIDDLEWARE ? ['none', 'unattributed'] : [off ? 'host' : 'stack', 'right'];
        assert.deepEqual([basis, grade], expected, site);
      }
      const answered = (path: string): unknown[] =>
        inbound.filter((request) => request.path === path).map(({ open, done }) => [open, done]);
      assert.deepEqual(answered('/in/sync'), [['express-app', 'shop-routes']]);
      // Its first route hands the request on to the second one's.
      assert.deepEqual(answered('/in/on'), [['express-app', 'billing-routes']]);
      assert.deepEqual(answered('/{s}/{s}'), [['express-app', 'billing-routes']]);
      assert.ok(inbound.every(({ open }) => open === 'express-app'));
    });
  }
}
