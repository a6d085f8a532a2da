/**
 * An audited process that does nothing but write its spool: `spool-feeder.ts SPOOL SEED PROCESS CALLS PER_SECOND`, through
 * the agent's own writer, each call by a write of its own. 0 per second: as fast as it can. Prints how many calls it made.
 */
import { SpoolWriter, writerName } from '@outwitness/spool';
import { setTimeout as sleep } from 'node:timers/promises';
import { SeededCalls } from './seeded-calls.ts';
import { seededRandom } from './seeded-random.ts';

const TURN_MS = 20;
const [spool = '', ...numbers] = process.argv.slice(2);
const [seed = 0, at = 0, calls = 0, perSecond = 0] = numbers.map(Number);

const generator = new SeededCalls(seed, at);
const now = (): number => Date.now() * 1000;
const started = Date.now();
const writer = new SpoolWriter({
  directory: spool,
  writer: writerName(process.pid, 0, started, seededRandom(process.pid + started).hex(8)),
  pid: process.pid,
  hello: (segment) => ({
    kind: 'hello',
    time: now(),
    v: 1,
    app: generator.app,
    pid: process.pid,
    thread: 0,
    uid: process.getuid?.() ?? 0,
    segment,
    runtime: `node ${process.versions.node}`,
    agent: '0.1.0',
    loaded: 'require',
    channels: ['http', 'undici', 'tcp'],
  }),
  faults: () => 0,
  now,
  monotonic: () => Math.floor(performance.now() * 1000),
  schedule: (flush) => queueMicrotask(flush),
});
for (const record of generator.introduction(now())) writer.writeLater(record);
for (let made = 0; made < calls;) {
  const due = perSecond === 0 ? calls : Math.min(calls, Math.floor(((Date.now() - started) / 1000) * perSecond));
  for (let burst = 0; made < due && burst < 2000; made++, burst++)
    for (const record of generator.next(now())) {
      if (record.kind === 'open') writer.writeNow(record);
      else writer.writeLater(record);
    }
  writer.check();
  await sleep(perSecond === 0 ? 0 : TURN_MS);
}
for (const record of generator.finish(now())) writer.writeNow(record);
writer.end('exit', 0);
process.stdout.write(JSON.stringify({ made: calls, lost: writer.state.lost, seconds: (Date.now() - started) / 1000 }));
