/** Does to a running installation what must not go unseen, and waits until its report shows it. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { startStubServer } from '../servers/stub-server.ts';
import { installFixture } from '../system/fixture.ts';
import { dropTrigger, editLeaf, inLedger, newestSeq } from '../system/ledger-edit.ts';
import { pinnedNode } from '../system/node-binaries.ts';
import { startOutwitness, type Running } from '../system/outwitness.ts';
import { copyInstallation, patchServer } from '../system/patched-installation.ts';
import { signIn, type Report, type ServedReport } from '../system/served-report.ts';
import { temporaryFolder } from '../system/temporary-folder.ts';

export interface Warning {
  /** What was done. */
  readonly what: string;
  readonly before: Report;
  readonly after: Report;
  /** Rule that fired, chip that shows it. */
  readonly reason: string;
  readonly chip: string | undefined;
  /** From the deed until the report showed it; undefined: not within the time. */
  readonly seconds: number | undefined;
}

export const WITHIN_S = 60;
const POLL_MS = 500;
/** The first verification of its own must have passed before anything is damaged. */
const READY_WITHIN_MS = 120_000;

interface Deed {
  readonly what: string;
  readonly reason: string;
  readonly chip?: string;
  /** Chip that must be `ok` before the deed. */
  readonly ready?: string;
  /** Absent: starting the program is the deed. */
  do?(data: string, pid: number): void;
}

/** A build whose server sends one request nobody declared. */
export async function patchedBuild(): Promise<Warning> {
  using folder = temporaryFolder('patched');
  await using elsewhere = await startStubServer();
  const program = copyInstallation(folder.path);
  patchServer(folder.path, `http://127.0.0.1:${elsewhere.port}/usage`);
  const unpatched = copyInstallation(join(folder.path, 'unpatched'));
  // The same copy without the patch is the "before".
  const control = await observe({ what: '', reason: '', ready: 'agents' }, unpatched);
  const deed = { what: 'build whose server sends one request', reason: 'self-egress' };
  const { after, seconds } = await observe(deed, program);
  if (elsewhere.requests.length === 0) throw new Error('the patched server sent nothing: expected one request');
  return { ...deed, chip: undefined, before: control.before, after, seconds };
}

export async function droppedTrigger(): Promise<Warning> {
  return observe({
    what: 'trigger dropped',
    reason: 'own-verification-failed',
    chip: 'ledger',
    ready: 'ledger',
    do: (data) => void dropTrigger(data),
  });
}

export async function editedLeaf(): Promise<Warning> {
  return observe({
    what: 'leaf among the newest 1,000 edited',
    reason: 'own-verification-failed',
    chip: 'ledger',
    ready: 'ledger',
    do: (data) => editLeaf(data, inLedger(data, newestSeq) - 5),
  });
}

export async function stoppedAgent(): Promise<Warning> {
  return observe({
    what: 'application stopped (SIGSTOP)',
    reason: 'agent-silent',
    chip: 'agents',
    ready: 'agents',
    do: (_data, pid) => void process.kill(pid, 'SIGSTOP'),
  });
}

async function observe(deed: Deed, program?: string): Promise<Warning> {
  using folder = temporaryFolder('warning');
  await using server = await startStubServer();
  const data = join(folder.path, 'data');
  const app = installFixture('killed', folder.path);
  const started = performance.now();
  const running = startOutwitness(['run', '--data', data, '--', pinnedNode().path, join(app, 'app.mjs')], {
    cwd: app,
    env: {
      HTTP_PORT: `${server.port}`,
      RUN: 'warning',
      LANES: '1',
      RUN_MS: `${READY_WITHIN_MS + WITHIN_S * 2_000}`,
      PAUSE_MS: '250',
      OUTWITNESS_LEARN: '0',
    },
    ...(program === undefined ? {} : { program }),
  });
  const pid = Number((await running.printed(/pid (\d+)/))[1]);
  try {
    return await watch(deed, running, { data, pid, started });
  } finally {
    process.kill(pid, 'SIGCONT');
    running.child.kill('SIGTERM');
    await running.ended;
  }
}

interface Place {
  readonly data: string;
  /** Of the application. */
  readonly pid: number;
  readonly started: number;
}

async function watch(deed: Deed, running: Running, place: Place): Promise<Warning> {
  const { data, pid, started } = place;
  const { what, reason, chip, ready } = deed;
  const served = await signIn(running);
  const isReady = ({ chips, totals }: Report): boolean =>
    ready === undefined || (chips[ready]?.state === 'ok' && totals.events > 5);
  const before = await pollUntil(served, isReady, READY_WITHIN_MS);
  if (!isReady(before)) throw new Error(`${what}: chip ${ready} not ok before it: ${JSON.stringify(before.chips)}`);
  const since = deed.do === undefined ? started : performance.now();
  deed.do?.(data, pid);
  const shows = (report: Report): boolean =>
    report.reasons.some(({ id }) => id === reason) && (chip === undefined || report.chips[chip]?.state !== 'ok');
  if (reason === '') return { what, reason, chip, before, after: before, seconds: 0 };
  const after = await pollUntil(served, shows, WITHIN_S * 1_000);
  const seconds = shows(after) ? Math.round((performance.now() - since) / 100) / 10 : undefined;
  return { what, reason, chip, before, after, seconds };
}

/** The first report that satisfies `holds`, or the last one read in time. */
async function pollUntil(served: ServedReport, holds: (report: Report) => boolean, withinMs: number): Promise<Report> {
  const until = performance.now() + withinMs;
  for (;;) {
    const report = await served.read();
    if (holds(report) || performance.now() > until) return report;
    await sleep(POLL_MS);
  }
}
