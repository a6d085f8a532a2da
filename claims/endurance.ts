/**
 * Streams of a gigabyte, 20,000 open sockets and two million calls: all of it recorded, none of it noticed.
 *
 *   npm run claim -- endurance [--streams MIB] [--sockets N] [--calls N]
 *
 * Two million calls take 25 minutes for each Node, at a pace that the collector keeps up with; 0 leaves a part out.
 * Exit code: 0 when all of it held, else 1.
 */
import { parseArgs } from 'node:util';

import { longStreams, manyCalls, manySockets, mostSockets } from './experiments/endurance.ts';
import { Checks } from './output/checks.ts';
import { auditedNodes } from './system/node-binaries.ts';

const { values } = parseArgs({
  options: {
    streams: { type: 'string', default: '1024' },
    sockets: { type: 'string', default: '20000' },
    calls: { type: 'string', default: '2000000' },
  },
});
for (const [name, value] of Object.entries(values)) {
  if (/^\d+$/.test(value)) continue;
  process.stderr.write(`--${name}: expected a whole number, got ${JSON.stringify(value)}\n`);
  process.exit(2);
}
const { streams, calls } = values;
const sockets = Math.min(Number(values.sockets), mostSockets());
if (sockets < Number(values.sockets))
  process.stderr.write(`${sockets} sockets instead of ${values.sockets}: a process may open no more files here.\n`);
const columns = new Map<string, Checks>();
for (const node of auditedNodes()) {
  const checks = new Checks();
  columns.set(node.name, checks);
  if (streams !== '0') await longStreams(node, Number(streams) * 1_048_576, checks);
  if (sockets > 0) await manySockets(node, sockets, checks);
  if (calls !== '0') await manyCalls(node, Number(calls), checks);
}
Checks.printSideBySide(columns);
