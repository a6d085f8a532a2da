/** What is on a connection when the process or thread that has it ends. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attack } from './attack.ts';

for (const [where, program] of [
  ['a process', 'SEND'],
  ['a thread', "new (require('node:worker_threads').Worker)(`SEND`, { eval: true });"],
] as const) {
  test(`bytes on a connection that is open when ${where} ends are in its record, ahead of bye`, async (t) => {
    const send =
      "const socket = require('node:net').connect(+process.env.PORT, '127.0.0.1'); socket.write('abc', () => process.exit());";
    const { ended, received, written } = await attack(t, program.replace('SEND', send));
    assert.equal(ended.code, 0, ended.err);
    assert.deepEqual(received, [3]);
    const at = written.findIndex((record) => record.kind === 'done' && record.conn !== undefined);
    const done = written[at];
    assert.ok(done?.kind === 'done');
    assert.deepEqual([done.outcome, done.bytesOut, done.bytesIn], ['aborted', 3, 0]);
    assert.equal(written[at + 1]?.kind, 'bye');
  });
}
