/**
 * The rows of 37 real clients over real connections: channel, host, port, bytes and package.
 *
 * Exit code: 0 when all of it held, else 1. What was not tried is printed with its reason.
 */
import { realClients } from './experiments/real-clients.ts';
import { printTable } from './output/table.ts';
import { auditedNodes } from './system/node-binaries.ts';

let held = true;
for (const node of auditedNodes()) {
  const results = await realClients(node);
  process.stdout.write(`\n${node.name}\n`);
  printTable(
    ['client', 'channel', 'rows', 'bytes out / in', 'package', 'right'],
    results.map(({ client, skipped, channels, rows, bytes, packages, wrong, weak }) =>
      skipped === undefined
        ? [
            client,
            channels,
            rows,
            bytes,
            packages,
            wrong.length > 0 ? `WRONG ${wrong.join('; ')}` : weak ? 'weak' : 'yes',
          ]
        : [client, '', 0, '', '', `skipped: ${skipped}`],
    ),
  );
  const count = (of: (result: (typeof results)[number]) => boolean): number => results.filter(of).length;
  const tried = count(({ skipped }) => skipped === undefined);
  const wrong = count((result) => result.wrong.length > 0);
  const weak = count((result) => result.weak && result.wrong.length === 0);
  process.stdout.write(
    `${node.name}: ${tried} clients tried, ${tried - wrong - weak} right, ${weak} weak (client named, not who used it), ` +
      `${wrong} wrong, ${results.length - tried} skipped\n`,
  );
  held &&= wrong === 0 && tried > 0;
}
process.exitCode = held ? 0 : 1;
