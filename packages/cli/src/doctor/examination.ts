import { existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { ownBuild, REQUIRE_ENTRY, VERSION } from '@outwitness/agent';
import { type DataDir, readLedger } from '@outwitness/collector';
import { OutwitnessError } from '@outwitness/event';
import { checkCollectorNode } from './check-node.ts';
import { checkNodeOptions } from './check-node-options.ts';
import {
  checkCollector,
  checkEntry,
  checkLedger,
  checkSpool,
  type CollectorState,
  type SpoolState,
} from './check-places.ts';
import { checkProcesses } from './check-processes.ts';
import { checkThreads } from './check-threads.ts';
import type { Finding } from './finding.ts';
import { type Thread, threadsOf } from './threads.ts';

/** What `doctor --json` prints. */
export interface DoctorJson {
  schemaVersion: 1;
  generatedAt: string;
  data: string;
  /** Of this program; audited processes have their own. */
  node: string;
  outwitness: string;
  agent: { version: string; digest: string | null };
  entry: string;
  collector: CollectorState;
  spool: SpoolState;
  /** The setting in `agent.json`, which processes take when they start. */
  context: string | null;
  /** Live and silent ones first, then the newest. */
  threads: Thread[];
  findings: Finding[];
}

/** Notes of the last day are told. */
const DAY_US = 86_400_000_000;
const MOST_ENDED = 20;

function contextOf(dir: DataDir): string | null {
  try {
    const { context } = JSON.parse(readFileSync(dir.agent, 'utf8')) as { context?: unknown };
    return typeof context === 'string' ? context : null;
  } catch {
    return null; // no collector has been here, or its file is told about elsewhere
  }
}

/** Looks at everything that decides whether programs are watched completely; changes nothing. */
export async function examine(dir: DataDir, env: NodeJS.ProcessEnv, version: string): Promise<DoctorJson> {
  const now = Date.now();
  const { digest, files } = ownBuild();
  const [spool, spoolFindings] = checkSpool(dir);
  const [threads, unreadable] = readThreads(dir, spool, now);
  const running = threads.filter(({ state }) => state === 'live' || state === 'silent');
  const audited = running.filter(({ app }) => app !== 'outwitness').length;
  const [collector, collectorFindings] = checkCollector(dir, audited, now);
  const reads = [...new Set([REQUIRE_ENTRY, ...files.map(({ folder }) => folder)].map((path) => dirname(path)))];
  // Of threads that cannot be seen nothing is said, nor which processes have none.
  const told = unreadable.length > 0 ? [] : checkThreads(threads, { version: VERSION, digest });
  const processes = unreadable.length > 0 ? [] : checkProcesses(threads, dir, reads, now);
  const findings = [
    ...unreadable,
    ...told,
    ...(await notLoaded(dir, now)),
    ...collectorFindings,
    ...spoolFindings,
    ...checkEntry(REQUIRE_ENTRY),
    ...checkNodeOptions(env['NODE_OPTIONS'] ?? '', 'this shell', null, reads, dir.spool),
    ...processes,
    ...checkCollectorNode(env['OUTWITNESS_NODE']),
  ];
  return {
    schemaVersion: 1,
    generatedAt: new Date(now).toISOString(),
    data: dir.root,
    node: process.versions.node,
    outwitness: version,
    agent: { version: VERSION, digest: digest ?? null },
    entry: REQUIRE_ENTRY,
    collector,
    spool,
    context: contextOf(dir),
    threads: [...running, ...threads.filter((thread) => !running.includes(thread)).slice(0, MOST_ENDED)],
    findings,
  };
}

function readThreads(dir: DataDir, spool: SpoolState, now: number): [Thread[], Finding[]] {
  if (spool.mode === null) return [[], []];
  try {
    return [threadsOf(dir.spool, now), []];
  } catch (error) {
    if (!(error instanceof OutwitnessError)) throw error;
    const finding: Finding = {
      id: 'spool-unreadable',
      severity: 'coverage',
      text: 'This user may not read the spool: nothing can be said of the audited processes.',
      expected: `read rights on ${dir.spool}`,
      got: error.message,
      action: 'Run doctor as the user of the collector.',
      pid: null,
    };
    return [[], [finding]];
  }
}

/** Processes that were to be watched and could not be, of the last day. */
async function notLoaded(dir: DataDir, nowMs: number): Promise<Finding[]> {
  if (!existsSync(dir.ledger)) return [];
  const unreadable = checkLedger(dir);
  if (unreadable.length > 0) return unreadable;
  const reading = readLedger(dir);
  try {
    const to = nowMs * 1_000;
    const groups = await reading.source.events({
      kind: 'gap',
      events: ['not-loaded'],
      from: to - DAY_US,
      to,
      limit: 1,
    });
    return groups.map(({ rows, newest }) => ({
      id: 'not-loaded',
      severity: 'coverage',
      text: `In ${rows} ${rows === 1 ? 'process' : 'processes'} of the last day the agent could not be loaded.`,
      expected: 'none',
      got: String(newest[0]?.['text'] ?? ''),
      action:
        'The text names the reason: a Node.js older than 20.19 or 22.12, require() of ES modules switched off, or files of the agent that are gone.',
      pid: null,
    }));
  } finally {
    reading.close();
  }
}
