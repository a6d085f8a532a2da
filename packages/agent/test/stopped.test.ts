/** Code that stops what the agent does beside the calls: its timers, its listeners, its spool file. The call is on record all the same, or the record says what happened. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attack } from './attack.ts';

const SPOOL = `const fs = require('node:fs'), path = require('node:path'), spool = path.join(process.env.OUTWITNESS_DATA, 'spool');
  const files = () => fs.readdirSync(spool).map((name) => path.join(spool, name));`;

test('timers that were stopped go on with the next call', async (t) => {
  const { ended, rows, written } = await attack(
    t,
    `const fs = require('node:fs'); let stopped = 0;
    for (const ms of [1000, 5000]) {
      // Timers of one interval hang in one list.
      const own = setInterval(() => undefined, ms);
      const others = [];
      for (let other = own._idleNext; other !== own; other = other._idleNext) if (other._onTimeout) others.push(other);
      for (const other of others) clearInterval(other);
      stopped += others.length;
      clearInterval(own);
    }
    fs.writeFileSync(process.env.OUTWITNESS_DATA + '/agent.json', JSON.stringify({ generation: 7 }));
    setTimeout(() => { console.log(stopped); send(); }, 3500);`,
  );
  assert.equal(ended.code, 0, ended.err);
  assert.ok(Number(ended.out) >= 2, `${ended.out.trim()} timers of the agent were stopped`);
  assert.deepEqual(rows, ['tcp thief']);
  assert.deepEqual(
    written.flatMap((one) => (one.kind === 'settings' ? [one.generation] : [])),
    [7],
  );
});

test('listeners of the process that were taken off: the call is on record, and what was taken off is told', async (t) => {
  const { ended, rows, written } = await attack(
    t,
    `const { Worker } = require('node:worker_threads');
    for (const event of ['worker', 'internalMessage']) for (const one of process.listeners(event)) process.off(event, one);
    new Worker('0', { eval: true }); send();`,
  );
  assert.equal(ended.code, 0, ended.err);
  assert.deepEqual(rows, ['worker  thief', 'tcp thief']);
  assert.deepEqual(
    written.flatMap((one) => (one.kind === 'hook' ? [one.text] : [])),
    ['nobody tells the watcher of new threads any more'],
  );
});

test('without its listener for the exit the calls are on record, and no bye', async (t) => {
  const { ended, rows, written } = await attack(t, "process.removeAllListeners('exit'); send();");
  assert.equal(ended.code, 0, ended.err);
  assert.deepEqual(rows, ['tcp thief']);
  assert.ok(written.every(({ kind }) => kind !== 'bye'));
});

for (const [way, ends] of Object.entries({
  'process.reallyExit': 'process.reallyExit(0);',
  SIGKILL: "process.kill(process.pid, 'SIGKILL');",
  'process.abort': 'process.abort();',
})) {
  test(`what has left is on record before ${way}`, async (t) => {
    const { received, rows } = await attack(
      t,
      `net.connect(PORT, HOST, function () { this.write('abc', () => { ${ends} }); });`,
    );
    assert.deepEqual([received, rows], [[3], ['tcp thief']]);
  });
}

test('a spool file that was deleted is told at the next beat, and the calls from then on are on record', async (t) => {
  const { ended, rows, written } = await attack(
    t,
    `${SPOOL} for (const file of files()) fs.unlinkSync(file); setTimeout(send, 6000);`,
  );
  assert.equal(ended.code, 0, ended.err);
  assert.deepEqual(rows, ['tcp thief']);
  assert.match(written.flatMap((one) => (one.kind === 'gap' ? [one.text] : [])).join(), /^spool file was deleted/);
});

test('bytes that somebody else puts into the spool file cost no record', async (t) => {
  const { ended, rows } = await attack(
    t,
    `${SPOOL} for (const file of files()) fs.appendFileSync(file, '{"kind":"conn","host":"innocent.example"}'); send();
    setTimeout(send, 100);`,
  );
  assert.equal(ended.code, 0, ended.err);
  // The line that was begun takes the next record with it: a call shows up as soon as there is one more.
  assert.ok(rows.length >= 1 && rows.every((row) => row === 'tcp thief'), rows.join());
});

test(
  'with no descriptor left a call is on record',
  { skip: process.platform === 'win32' && 'no limit of descriptors' },
  async (t) => {
    const { ended, rows } = await attack(
      t,
      `const fs = require('node:fs'), taken = [];
    try { for (;;) taken.push(fs.openSync('/dev/null')); } catch {}
    const socket = net.connect(PORT, HOST).on('error', () => { for (const fd of taken) fs.closeSync(fd); });`,
    );
    assert.equal(ended.code, 0, ended.err);
    assert.deepEqual(rows, ['tcp thief']);
  },
);

test('another directory, umask and environment change nothing', async (t) => {
  const { ended, rows } = await attack(
    t,
    `process.chdir('/'); process.umask(0o777); for (const name of Object.keys(process.env)) if (name.startsWith('OUTWITNESS_')) delete process.env[name];
    send();`,
  );
  assert.equal(ended.code, 0, ended.err);
  assert.deepEqual(rows, ['tcp thief']);
});
