import { catalogueInForce, dataDirAt, readLedger } from '@outwitness/collector';
import { explainOf, type ExplainJson, pairsOf } from '@outwitness/report';
import { EXIT } from '../exit-codes.ts';
import { parseOptions } from '../options.ts';
import { printJson, printResult } from '../output.ts';
import { usageError } from '../usage-error.ts';

const HELP = `usage: outwitness explain HOST[:PORT] [options]

Tells what the record says of a destination: which packages contacted it, since when, from
which line, why it is of its class, and what the packages declare about it.

  --json       everything, as docs/reference/json.md describes
  --data DIR   default ./.outwitness

Exit code: 0 whether it was contacted or not.`;

export async function run(args: readonly string[]): Promise<number> {
  const options = parseOptions('explain', args, {});
  if (options.help) {
    printResult(HELP);
    return EXIT.ok;
  }
  const [asked, ...more] = options.positionals;
  if (asked === undefined || more.length > 0)
    throw usageError('explain: expected one host such as api.example.com or api.example.com:443');
  const { host, port } = destination(asked);
  const reading = readLedger(dataDirAt(options.dir));
  try {
    const { journal, source } = reading;
    const { catalogue } = await catalogueInForce(journal);
    const pairs = await source.pairs();
    const seqs = pairsOf(host, port, pairs).flatMap(({ firstSeq, lastSeq }) => [firstSeq, lastSeq]);
    const leaves = await source.rows([...new Set(seqs)]);
    const rows = new Map(leaves.map((row) => [Number(row['seq']), row]));
    const packages = await source.packages();
    const explained = explainOf(host, port, { pairs, rows, packages, catalogue });
    if (options.json) printJson(explained);
    else printResult(text(explained));
  } finally {
    reading.close();
  }
  return EXIT.ok;
}

/** `[::1]:443`, `host:443`, `host`, `::1` */
function destination(asked: string): { host: string; port: number | undefined } {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(asked);
  const host = (match?.[1] ?? match?.[2] ?? asked).toLowerCase();
  return { host: host.replace(/^\[(.*)\]$/, '$1'), port: match === null ? undefined : Number(match[3]) };
}

function text({ host, port, events, senders }: ExplainJson): string {
  const place = port === null ? host : `${host}:${port}`;
  if (senders.length === 0) return `${place} was never contacted, as far as this record goes.`;
  return [
    `${place}: ${events} calls`,
    ...senders.flatMap((one) => [
      '',
      `${one.package ?? '(nobody named)'} ${one.version ?? ''} of ${one.app}, port ${one.port ?? 'unknown'}: ${one.events} calls`,
      `  ${one.class}: ${one.because}; declared: ${one.declared}${one.acknowledged ? '; acknowledged' : ''}`,
      ...one.purposes.map((purpose) => `  purpose: ${purpose}`),
      ...(one.data.length > 0 ? [`  data: ${one.data.join(', ')}`] : []),
      `  first: row ${one.first.seq}, ${one.first.at ?? ''}, ${one.first.site ?? 'no site'}`,
      `  last:  row ${one.last.seq}, ${one.last.at ?? ''}, ${one.last.site ?? 'no site'}`,
    ]),
  ].join('\n');
}
