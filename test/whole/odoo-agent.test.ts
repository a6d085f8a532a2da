/** The Python agent: its own tests, and a program of Python under the whole pipeline. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { CHANNEL_MODES, channelsOf, inboundOf, missingFor } from '../../claims/experiments/python-channels.ts';
import { pythonVectors } from '../../claims/experiments/python-vectors.ts';
import { Checks } from '../../claims/output/checks.ts';
import { audit, journal, verify } from '../../claims/system/outwitness.ts';
import { PYTHON_AGENT, pythonHere } from '../../claims/system/python.ts';
import { temporaryFolder } from '../../claims/system/temporary-folder.ts';

const python = pythonHere();
const skip = python === undefined ? 'no Python 3.8 or newer on this machine' : false;

test('the Python agent passes its own tests', { skip }, (context) => {
  const { status, stderr } = spawnSync(
    python ?? '',
    ['-m', 'unittest', 'discover', '-v', '-s', join(PYTHON_AGENT, 'test')],
    {
      encoding: 'utf8',
      env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
    },
  );
  for (const line of stderr.split('\n').filter((text) => text.includes('skipped'))) context.diagnostic(line);
  assert.equal(status, 0, stderr);
  assert.match(stderr, /^Ran [2-9]\d tests/m);
});

test('calls of a Python program are rows of the same ledger, judged and verified', { skip }, async () => {
  using folder = temporaryFolder('python');
  const program = join(folder.path, 'shop.py');
  writeFileSync(
    program,
    `import sys; sys.path[:0] = [${JSON.stringify(PYTHON_AGENT)}, ${JSON.stringify(join(PYTHON_AGENT, 'test'))}]
import outwitness_agent
outwitness_agent.install(app='python-shop')
from servers import Server
import urllib.request
port = Server().port
for number in range(5):
    with urllib.request.urlopen('http://127.0.0.1:%d/orders/4711?key=secret' % port) as answer:
        assert len(answer.read()) == 1000
`,
  );
  const data = join(folder.path, 'data');
  await audit(data, [python ?? '', program], { env: { PYTHONDONTWRITEBYTECODE: '1' } });
  const rows = await journal(data, { kind: 'net', app: 'python-shop' });
  assert.equal(rows.length, 5, JSON.stringify(rows));
  for (const row of rows) {
    assert.equal(row.channel, 'urllib');
    assert.equal(row.package, '(app)');
    assert.equal(row.outcome, 'ok');
    assert.match(row.site ?? '', /^shop\.py:8:0 /);
    assert.ok((row.bytesIn ?? 0) > 1000);
  }
  assert.doesNotMatch(JSON.stringify(rows), /secret/);
  const verification = await verify(data);
  assert.equal(verification.exit, 10, JSON.stringify(verification.findings));
});

test('both agents write and redact alike, byte for byte, and read each other', { skip }, () => {
  const checks = new Checks();
  pythonVectors(checks, 400);
  assert.deepEqual(checks.broken(), []);
});

const modes = process.env['OUTWITNESS_LONG'] === '1' ? CHANNEL_MODES : (['gevent-after'] as const);
for (const mode of modes) {
  const missing = python === undefined ? 'Python' : missingFor(mode);
  const without = missing === undefined ? false : `${missing} is not installed for this Python`;
  test(`one call is one row, with its package and bytes, in every way out (${mode})`, { skip: without }, async () => {
    const checks = new Checks();
    await channelsOf(mode, 2, checks);
    if (mode === 'gevent-after') await inboundOf('gevent', 2, checks);
    assert.deepEqual(checks.broken(), []);
  });
}
