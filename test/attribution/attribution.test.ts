import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { auditedNodes } from '../../claims/system/node-binaries.ts';
import { layForms } from './application.ts';
import { listSites, runSites } from './corpus.ts';

for (const node of auditedNodes()) {
  test(`${node.name}: every form that needs nothing but Node is put down to its package, or to nobody where none is left`, async (t) => {
    const root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'outwitness-forms-')));
    t.after(() => fs.rmSync(root, { recursive: true, force: true }));
    const application = layForms(root);
    const judged = await runSites(node.path, application, listSites(node.path, application));
    const amiss = judged.filter(({ grade, off }) => grade !== 'right' && !(off && grade === 'unattributed'));
    assert.deepEqual(amiss, []);
    assert.ok(judged.length > 100, `${judged.length} rows: expected those of more than 100 sites`);
  });
}
