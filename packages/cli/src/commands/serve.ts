import { dataDirAt, readSettings, serveBeside, serveEvidence } from '@outwitness/collector';
import { EXIT } from '../exit-codes.ts';
import { type Options, parseOptions } from '../options.ts';
import { printResult, say } from '../output.ts';
import { momentary } from '../request.ts';
import { watchOurselves } from '../self-watch.ts';
import { LISTEN_HELP, LISTEN_OPTIONS, listenOptions, serveFlags } from '../serve-options.ts';
import { serveReport } from '../serve-report.ts';
import { takeStopSignals } from '../signals.ts';
import { usageError } from '../usage-error.ts';

const HELP = `usage: outwitness serve [options] [DIR]

Shows the report in a process of its own, until SIGINT or SIGTERM, whether a collector
runs or not. Sign-ins, exports and changes are rows: the collector writes them, or this
program where none runs. Without the row they do not happen; looking stays possible.

  DIR             the data directory; the same as --data DIR
  --read-only     show evidence: nothing in the directory changes and no row is written;
                  whoever looks may not export
  --port N        port of the report (default: any free one)
${LISTEN_HELP}
  --quiet         only the address and problems
  --config FILE   settings (default ./outwitness.config.json)
  --data DIR      default ./.outwitness`;

export async function run(args: readonly string[], version: string): Promise<number> {
  const options = parseOptions('serve', args, { ...LISTEN_OPTIONS, 'read-only': { type: 'boolean' } });
  if (options.help) {
    printResult(HELP);
    return EXIT.ok;
  }
  const dir = dataDirAt({ ...options.dir, ...dataOf(options) });
  const readOnly = options.flag('read-only');
  const flags = serveFlags('serve', options);
  const listen = listenOptions(options);
  const signals = takeStopSignals();
  const stopped = new Promise<void>((resolve) => signals.onStop(() => resolve()));
  const collector = momentary(dir, options, version);
  const { port } = readSettings({ ...collector.settings, flags }).values;
  const beside = await (readOnly ? serveEvidence(collector) : serveBeside(collector));
  // Evidence is left as it is: then nobody writes down what this very process does.
  const endWatch = readOnly ? undefined : watchOurselves(dir);
  try {
    const server = await serveReport(beside.backend, port, listen, readOnly ? 'viewer' : 'operator');
    if (!options.flag('quiet')) say(`outwitness: showing ${dir.root}${readOnly ? ', and changing nothing in it' : ''}`);
    await stopped;
    await server.close();
  } finally {
    endWatch?.();
    beside.close();
  }
  return EXIT.ok;
}

function dataOf({ positionals }: Options): { data?: string } {
  const [data, ...more] = positionals;
  if (more.length > 0) throw usageError(`serve: expected one directory, got ${positionals.length}`);
  return data === undefined ? {} : { data };
}
