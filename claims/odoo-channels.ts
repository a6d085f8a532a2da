/**
 * Every way out that the Python agent knows, against servers that count: one call is one row, its package and bytes right, its record there before it arrives.
 *
 *   npm run claim -- odoo-channels [--calls N]
 *
 * Each kind of call is made N times (default 6) in turn, in threads, as tasks of asyncio, and as greenlets of gevent, whose patches come before the agent or after it. Exit code: 0 when all of it held, else 1.
 */
import { parseArgs } from 'node:util';

import { CHANNEL_MODES, channelsOf, inboundOf } from './experiments/python-channels.ts';
import { Checks } from './output/checks.ts';

const { calls } = parseArgs({ options: { calls: { type: 'string', default: '6' } } }).values;
const checks = new Checks();
for (const mode of CHANNEL_MODES) await channelsOf(mode, Number(calls), checks);
for (const server of ['threads', 'gevent'] as const) await inboundOf(server, Number(calls), checks);
checks.print();
