import type { ReasonJson, Verdict } from './report-json.ts';

/** What `run --gate --json` prints. */
export interface GateJson {
  schemaVersion: 1;
  passed: boolean;
  /** 0, 3 for alarms and new pairs, else 5 for missing coverage. */
  exit: 0 | 3 | 5;
  /** As the report says, without a learning window. */
  verdict: Verdict;
  alarms: ReasonJson[];
  /** Contacted in this run and not in egress.lock, sorted. */
  newPairs: string[];
  /** Why calls of this run may have gone unseen. */
  coverage: GateCoverage[];
}

export interface GateCoverage {
  id: string;
  text: string;
  action: string;
}

/** Reasons that say that calls may have gone unseen. */
const COVERAGE = new Set(['capture-gap', 'agent-silent', 'disabled-channel', 'late-load']);

/**
 * Decides whether a run passes; pure.
 *
 * @param report of the hours of the run, made with `learnDays` 0
 * @param newPairs what was contacted and is not in the lock
 * @param watched processes and threads of the application that said hello
 */
export function gateOf(
  report: { readonly verdict: Verdict; readonly reasons: readonly ReasonJson[] },
  newPairs: readonly string[],
  watched: number,
): GateJson {
  const alarms = report.reasons.filter(({ severity }) => severity === 'alarm');
  const coverage = report.reasons
    .filter(({ id }) => COVERAGE.has(id))
    .map(({ id, text, action }): GateCoverage => ({ id, text, action }));
  if (watched === 0) {
    coverage.unshift({
      id: 'no-process',
      text: 'No process of this run was watched.',
      action: 'Run a Node.js program that NODE_OPTIONS reaches. See: outwitness doctor',
    });
  }
  const exit = alarms.length > 0 || newPairs.length > 0 ? 3 : coverage.length > 0 ? 5 : 0;
  return {
    schemaVersion: 1,
    passed: exit === 0,
    exit,
    verdict: report.verdict,
    alarms,
    newPairs: [...newPairs],
    coverage,
  };
}
