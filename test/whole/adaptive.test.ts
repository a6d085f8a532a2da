/** Many calls of one shape: their caller is taken over, every call has its row, and the report says how many. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { startStubServer } from '../../claims/servers/stub-server.ts';
import { auditedNodes } from '../../claims/system/node-binaries.ts';
import { calls, outwitness, type Row } from '../../claims/system/outwitness.ts';
import { temporaryFolder } from '../../claims/system/temporary-folder.ts';

const CALLS = 600;
const APP = `
  import http from 'node:http';
  const agent = new http.Agent({ keepAlive: true, maxSockets: 4 });
  const byHttp = () => new Promise((resolve, reject) =>
    http.get(process.env.TARGET + '/by/http', { agent }, (res) => res.resume().on('end', resolve)).on('error', reject));
  const byFetch = async () => (await fetch(process.env.TARGET + '/by/fetch')).text();
  for (const call of [byHttp, byFetch])
    for (let i = 0; i < ${CALLS}; i += 10) await Promise.all(Array.from({ length: 10 }, call));
  setImmediate(() => process.exit());`;

interface Report {
  readonly coverage: { readonly attribution: { readonly cached: number | null } };
}

for (const attribution of ['adaptive', 'exact'] as const) {
  for (const node of auditedNodes()) {
    test(`${attribution} on ${node.name}: a row for every call, its caller right, and the report counts those that were taken over`, async () => {
      using folder = temporaryFolder('adaptive');
      await using server = await startStubServer();
      const data = join(folder.path, 'data');
      const program = join(folder.path, 'busy.mjs');
      writeFileSync(join(folder.path, 'package.json'), '{"name":"busy-app","version":"1.0.0"}');
      writeFileSync(program, APP);
      const env = {
        TARGET: `http://127.0.0.1:${server.port}`,
        ...(attribution === 'exact' ? { OUTWITNESS_ATTRIBUTION: attribution } : {}),
      };
      const run = await outwitness(['run', '--no-serve', '--data', data, '--', node.path, program], { env });
      assert.equal(run.code, 0, run.stderr);
      const rows: (Row & { basis?: string; path?: string })[] = await calls(data, 'out');
      for (const path of ['/by/http', '/by/fetch']) {
        const of = rows.filter((row) => row.path === path);
        assert.equal(of.length, CALLS);
        for (const { package: name, site } of of) {
          assert.equal(name, 'busy-app');
          assert.match(site ?? '', path === '/by/http' ? /^busy\.mjs:5:/ : /^busy\.mjs:6:/);
        }
        const cached = of.filter(({ basis }) => basis === 'cached').length;
        if (attribution === 'exact') assert.equal(cached, 0);
        else assert.ok(cached > 0 && cached <= CALLS - 32, `${cached} of ${CALLS}`);
      }
      const report = JSON.parse((await outwitness(['report', '--data', data, '--json'])).stdout) as Report;
      assert.equal(report.coverage.attribution.cached, rows.filter(({ basis }) => basis === 'cached').length);
    });
  }
}
