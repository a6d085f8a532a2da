import { statSync } from 'node:fs';
import { statfsSync } from 'node:fs';
import {
  catalogueInForce,
  type DataDir,
  dataDirAt,
  factsOf,
  type LedgerReading,
  readLedger,
} from '@outwitness/collector';
import { readFloor } from '@outwitness/ledger';
import { buildStatus, type StatusInput, type StatusJson } from '@outwitness/report';
import { EXIT } from '../exit-codes.ts';
import { parseOptions } from '../options.ts';
import { printJson, printResult } from '../output.ts';
import { usageError } from '../usage-error.ts';

const HELP = `usage: outwitness status [--json] [--data DIR]

Prints what the collector, its ledger and the agents are doing.`;

/** Of a ledger without a policy row. */
const DEFAULT_DAYS = 90;
const DAY_MS = 86_400_000;

export async function run(args: readonly string[]): Promise<number> {
  const options = parseOptions('status', args, {});
  if (options.help) {
    printResult(HELP);
    return EXIT.ok;
  }
  if (options.positionals.length > 0)
    throw usageError(`status: expected no argument, got ${JSON.stringify(options.positionals[0])}`);
  const dir = dataDirAt(options.dir);
  const reading = readLedger(dir);
  try {
    const status = await statusOf(dir, reading);
    if (options.json) printJson(status);
    else printResult(text(status));
  } finally {
    reading.close();
  }
  return EXIT.ok;
}

async function statusOf(dir: DataDir, reading: LedgerReading): Promise<StatusJson> {
  const { journal, source, settings, alive } = reading;
  const { catalogue, digest } = await catalogueInForce(journal);
  const facts = await factsOf(journal, source, settings, catalogue, {});
  const [last] = await journal.rows(facts.ledger.size - 1, facts.ledger.size);
  const [newestKey] = await journal.rowsOfKind('key', 1);
  const bytes = sizeOf(dir.ledger) + sizeOf(`${dir.ledger}-wal`);
  const running = alive?.running === true;
  const input: StatusInput = {
    data: dir.root,
    collector: {
      running,
      pid: running ? alive.pid : null,
      version: running ? alive.software : null,
      since: running ? new Date(alive.since).toISOString() : null,
      backlogBytes: alive?.backlogBytes ?? 0,
      lagMs: alive?.lagMs ?? 0,
      frozen: alive === undefined || alive.frozen === '' ? null : alive.frozen,
    },
    ledger: {
      bytes,
      epoch: newestKey === undefined ? 0 : (JSON.parse(newestKey.leaf) as { epoch: number }).epoch,
      lastRowAt: last === undefined ? null : isoTime((JSON.parse(last.leaf) as { time: number }).time),
    },
    retention: await retentionOf(dir, reading, bytes),
    catalogue: digest === '' ? null : digest,
  };
  return buildStatus(facts, input);
}

/** Pace since row 0, or since the cut below which leaves were dropped, over at least one day. */
async function retentionOf(
  dir: DataDir,
  { journal, alive }: LedgerReading,
  bytes: number,
): Promise<StatusInput['retention']> {
  const [vacuum] = await journal.rowsOfKind('vacuum', 1);
  const cut = vacuum === undefined ? 0 : (JSON.parse(vacuum.leaf) as { to: number }).to;
  const [first] = await journal.rows(Math.max(0, cut - 1), Math.max(1, cut));
  const since = first === undefined ? 0 : (JSON.parse(first.leaf) as { time: number }).time;
  const days = Math.max(1, (Date.now() - since / 1_000) / DAY_MS);
  const bytesPerDay = Math.round(bytes / days);
  const { bavail, bsize } = statfsSync(dir.root);
  const { days: floor, keepDays } = await readFloor(journal, Date.now() * 1_000);
  const last = alive?.retention;
  return {
    days: keepDays ?? DEFAULT_DAYS,
    floorDays: floor === Infinity ? 0 : floor,
    cut,
    lastRun: last === undefined ? null : { ...last, at: new Date(last.at).toISOString() },
    rowsPerDay: Math.round(((await journal.size()) - cut) / days),
    bytesPerDay,
    diskDaysLeft: bytesPerDay === 0 ? null : Math.floor((bavail * bsize) / bytesPerDay),
  };
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function isoTime(us: number): string {
  return new Date(us / 1_000).toISOString();
}

function text(status: StatusJson): string {
  const { collector, ledger, retention, verification } = status;
  const lines: [string, string][] = [
    ['data', status.data],
    [
      'collector',
      collector.running
        ? `${collector.version ?? ''} in process ${collector.pid ?? ''} since ${collector.since ?? ''}`
        : 'not running',
    ],
    ['backlog', `${collector.backlogBytes} bytes, ${collector.lagMs} ms`],
    ['ledger', `${ledger.size} rows, ${ledger.bytes} bytes, ${ledger.origin}`],
    ['checkpoint', `${ledger.checkpoint.size} rows at ${ledger.checkpoint.at ?? 'no time'}`],
    [
      'pace',
      `${retention.rowsPerDay} rows and ${retention.bytesPerDay} bytes a day, disk for ${retention.diskDaysLeft ?? '?'} days`,
    ],
    ['retention', retentionText(retention)],
    ['verification', verificationText(verification)],
    ['verdict', status.verdict],
    [
      'agents',
      status.writers.map((one) => `${one.app} ${one.pid}${one.state === 'live' ? '' : ` (${one.state})`}`).join(', ') ||
        'none',
    ],
  ];
  const { predecessor } = ledger;
  if (predecessor !== null)
    lines.push([
      'follows',
      `${predecessor.origin}, ${predecessor.verdict}, since ${predecessor.since}: ${predecessor.why}`,
    ]);
  if (collector.frozen !== null) lines.push(['frozen', collector.frozen]);
  return lines.map(([name, value]) => `${name.padEnd(13)} ${value}`).join('\n');
}

function retentionText({ days, floorDays, cut, lastRun }: StatusJson['retention']): string {
  const kept = (count: number): string => (count === 0 ? 'for good' : `for ${count} days`);
  const lowered = floorDays === days ? '' : `, ${kept(floorDays)} until the new policy is in force`;
  const last = lastRun === null ? '' : `; last run ${lastRun.at}: ${lastRun.problem || lastRun.waits}`;
  return `texts are kept ${kept(days)}${lowered}; rows below ${cut} are hashes only${last}`;
}

function verificationText({ verdict, at, range, whole }: StatusJson['verification']): string {
  const newest = `${verdict ?? 'not yet'} ${at ?? ''}${range === null ? '' : ` (rows ${range[0]} to ${range[1]})`}`;
  return `${newest}; whole: ${whole === null ? 'not yet' : `${whole.verdict} ${whole.at}`}`;
}
