/**
 * Programs that are not ours judge a ledger with several epochs: openssl and signify its signatures, Go's sumdb/note and
 * tlog its notes, roots and proofs; a bundle that age sealed and opened is still the same. What is not installed is left
 * out and said.
 *
 * Exit code: 0 when all of it held, else 1.
 */
import { otherVerifiers } from './experiments/other-verifiers.ts';
import { Checks } from './output/checks.ts';

const checks = new Checks();
const skipped = await otherVerifiers(checks);
checks.print();
for (const reason of skipped) process.stdout.write(`skipped: ${reason}\n`);
