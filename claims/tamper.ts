/**
 * `verify` names the row that was changed or finds the one that is gone, and leaves the evidence as it was.
 *
 * Exit code: 0 when all of it held, else 1.
 */
import { tampering } from './experiments/tampering.ts';
import { Checks } from './output/checks.ts';

const checks = new Checks();
await tampering(checks);
checks.print();
