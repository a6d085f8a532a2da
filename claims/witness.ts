/**
 * A witness fetches checkpoint and hash tiles of a served ledger and proves rows and older checkpoints with Go's
 * sumdb/tlog; what is not its business it does not get. What is not installed is left out and said.
 *
 * Exit code: 0 when all of it held, else 1.
 */
import { witnessTiles } from './experiments/witness-tiles.ts';
import { Checks } from './output/checks.ts';

const checks = new Checks();
const skipped = await witnessTiles(checks);
checks.print();
if (skipped !== '') process.stdout.write(`skipped: ${skipped}\n`);
