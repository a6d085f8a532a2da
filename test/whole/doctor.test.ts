/** What `outwitness doctor` says where nothing is wrong; doctor-findings.test.ts has what may be wrong. */
import assert from 'node:assert/strict';
import { chmodSync } from 'node:fs';
import { test } from 'node:test';

import { auditedNodes } from '../../claims/system/node-binaries.ts';
import { outwitness } from '../../claims/system/outwitness.ts';
import { Place } from './examined.ts';

test('a problem comes before coverage in the exit code', async () => {
  await using place = await Place.make();
  await place.startCollector();
  chmodSync(place.spool, 0o777);
  const { code, ids } = await place.doctor();
  assert.deepEqual([code, ids], [3, ['no-process', 'spool-mode']]);
});

test('a watched process with its collector has no findings: exit 0, and its channels have shown themselves', async () => {
  await using place = await Place.make();
  await place.startCollector();
  const app = await place.startApp();
  const { code, seen, ids } = await place.doctor();
  assert.deepEqual(ids, []);
  assert.equal(code, 0);
  assert.equal(seen.schemaVersion, 1);
  assert.equal(seen.collector.running, true);
  const threads = seen.threads.filter((thread) => thread.app === 'patient');
  assert.equal(threads.length, 1);
  const [thread] = threads;
  assert.deepEqual(
    [thread?.pid, thread?.state, thread?.loaded, thread?.runtime, thread?.digest],
    [app.pid, 'live', 'require', `node/${auditedNodes()[0]?.version}`, seen.agent.digest],
  );
  const records = new Map(thread?.channels.map((one) => [one.channel, one.records]));
  assert.ok((records.get('undici') ?? 0) > 0, JSON.stringify([...records]));
  assert.equal(records.get('udp'), 0);
  const { code: textCode, stdout } = await outwitness(['doctor', '--data', place.data]);
  assert.equal(textCode, 0);
  assert.match(stdout, new RegExp(`patient {2}process ${app.pid}, thread 0, live`));
  assert.equal(seen.context, 'auto');
  const older = Number.parseInt(auditedNodes()[0]?.version ?? '', 10) < 24;
  assert.equal(/^ {2}context: auto, which on this Node is off/m.test(stdout), older);
});
