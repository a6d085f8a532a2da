/** What the claim `ledger-speed` writes into docs/benchmarks.md. */
import { machine, tableOf, writeSection } from '../document.ts';
import { type Figure, HEADING, lineOf } from './figures.ts';

export function writeLedgerSpeed(figures: readonly Figure[], { seed, rounds }: { seed: number; rounds: number }): void {
  writeSection(
    'The ledger',
    `Written by \`npm run claim -- ledger-speed --write\` (seed ${seed}; \`--rows 10000000\` for the size that the budgets are about); run it to have the figures of your own machine.

${tableOf(HEADING, figures.map(lineOf))}

- The calls are seeded and no two are alike: 240 packages of 4 applications, 60 each, 6,240 hosts (Zipf), all channels, paths in all forms that redaction leaves, 2 % errors, 12 % inbound; a leaf has about 1,200 bytes.
- *Collector*: \`outwitness collect\` drains spool files that processes of their own write through the agent's writer. Each call must have its row, and the ledger must verify.
- *Append*: batches of 100, taken in turns with a plain insert of the same texts into the same table, indexes included, with the same durability; medians of CPU per row.
- *Verify*: wall time of the whole check of a data directory (rows, chain, tree, notes, columns and indexes, rollup, texts) beside \`sha256sum\` of coreutils over nothing but the leaves, in turns, files in the cache, medians of ${rounds}.
- *Screens*: 21 requests each over the API of the dashboard, from a server that does nothing else.

${machine()}`,
  );
}
