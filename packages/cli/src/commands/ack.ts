import { addAcknowledged, dataDirAt } from '@outwitness/collector';
import { pairText, parsePair } from '@outwitness/report';
import { EXIT } from '../exit-codes.ts';
import { parseOptions } from '../options.ts';
import { printJson, printResult, say } from '../output.ts';
import { request } from '../request.ts';
import { usageError } from '../usage-error.ts';

const HELP = `usage: outwitness ack PAIR --why REASON

Accepts a destination of a package, so that it is no longer new:
  outwitness ack "stripe -> api.stripe.com:443" --why "payments, agreed 2026-03-01"

The acknowledgement is a row of the ledger and part of the catalogue from then on.`;

/** As long as a row's `text` allows beside the pair. */
const MOST_WHY = 200;

export async function run(args: readonly string[], version: string): Promise<number> {
  const options = parseOptions('ack', args, { why: { type: 'string' } });
  if (options.help) {
    printResult(HELP);
    return EXIT.ok;
  }
  const [text, ...more] = options.positionals;
  if (text === undefined || more.length > 0)
    throw usageError('ack: expected one pair such as "stripe -> api.stripe.com:443" in quotes');
  const pair = parsePair(text);
  const why = options.string('why')?.trim() ?? '';
  if (why === '' || why.length > MOST_WHY)
    throw usageError(`ack: expected --why with 1 to ${MOST_WHY} characters, got ${why.length}`);
  const dir = dataDirAt(options.dir);
  const done = `acknowledged ${pairText(pair)}: ${why}`;
  await request(dir, options, { do: 'record', event: 'acknowledge', actor: 'cli', text: done }, version);
  addAcknowledged(dir.acknowledged, pair, why);
  if (options.json) printJson({ schemaVersion: 1, pair: pairText(pair), why });
  else say(`outwitness: ${pairText(pair)} is acknowledged`);
  return EXIT.ok;
}
