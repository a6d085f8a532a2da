import { catalogueInForce, dataDirAt, makeReport, type ReportAsked, readLedger } from '@outwitness/collector';
import type { ReportJson } from '@outwitness/report';
import { EXIT } from '../exit-codes.ts';
import { bound, type Options, parseOptions } from '../options.ts';
import { colour, printJson, printResult } from '../output.ts';
import { usageError } from '../usage-error.ts';

const HELP = `usage: outwitness report [options]

Prints the Trust Report: the verdict, its reasons, where data went and who sent it.

  --from, --to BOUND   sequence number or ISO 8601 time (default: the last 24 hours)
  --app NAME           one application only
  --json               everything, as docs/reference/json.md describes
  --data DIR           default ./.outwitness

Exit code: 0 whatever the verdict; use run --gate in a pipeline.`;

const COLOUR = { alarm: 'red', attention: 'yellow', 'insufficient-data': 'dim', 'all-clear': 'green' } as const;

export async function run(args: readonly string[]): Promise<number> {
  const options = parseOptions('report', args, {
    from: { type: 'string' },
    to: { type: 'string' },
    app: { type: 'string' },
  });
  if (options.help) {
    printResult(HELP);
    return EXIT.ok;
  }
  if (options.positionals.length > 0)
    throw usageError(`report: expected no argument, got ${JSON.stringify(options.positionals[0])}`);
  const reading = readLedger(dataDirAt(options.dir));
  try {
    const { catalogue } = await catalogueInForce(reading.journal);
    const report = await makeReport(reading.journal, reading.source, reading.settings, catalogue, asked(options));
    if (options.json) printJson(report);
    else printResult(text(report));
  } finally {
    reading.close();
  }
  return EXIT.ok;
}

function asked(options: Options): ReportAsked {
  const from = bound('from', options.string('from'));
  const to = bound('to', options.string('to'));
  const app = options.string('app');
  return {
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(app === undefined ? {} : { app }),
  };
}

function text(report: ReportJson): string {
  const { totals } = report;
  const lines = [
    `${colour(COLOUR[report.verdict], report.verdict.toUpperCase())}  ${report.period.from} to ${report.period.to}`,
    '',
    ...report.reasons.flatMap(({ severity, text: what, action }) => [
      `${colour(COLOUR[severity], severity)}: ${what}`,
      `  What to do: ${action}`,
    ]),
    ...(report.reasons.length === 0 ? ['Nothing stands out.'] : []),
    ...(report.predecessor === null ? [] : ['', followed(report.predecessor)]),
    '',
    `${totals.events} calls: ${totals.vendor} watched vendors, ${totals.thirdParty} third parties, ${totals.internal} internal, ${totals.unclassified} unclassified`,
    ...report.destinations
      .filter(({ direction }) => direction === 'out')
      .slice(0, 40)
      .map((one) => {
        const place = `${one.host ?? '(no host)'}${one.port === null ? '' : `:${one.port}`}`;
        return `  ${(one.package ?? '(nobody named)').padEnd(28)} → ${place.padEnd(36)} ${String(one.events).padStart(7)} calls  ${one.class}, declared: ${one.declared}`;
      }),
    '',
    ...Object.entries(report.chips).map(([name, chip]) => `  ${name.padEnd(14)} ${chip.text}`),
  ];
  return lines.join('\n');
}

function followed({ origin, size, verdict, since, why }: NonNullable<ReportJson['predecessor']>): string {
  return `This record follows ${origin} since ${since}, because: ${why}\n  That one: ${size} rows, found ${verdict}. Look at it with: outwitness verify --predecessor PATH`;
}
