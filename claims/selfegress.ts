/**
 * A patched build, a dropped trigger, an edited leaf and a stopped agent change the report within 60 seconds.
 *
 * Exit code: 0 when all of it held, else 1.
 */
import { droppedTrigger, editedLeaf, patchedBuild, stoppedAgent, WITHIN_S } from './experiments/warnings.ts';
import { printTable } from './output/table.ts';

const EXPECTED: Readonly<Record<string, string>> = {
  'self-egress': 'alarm',
  'own-verification-failed': 'alarm',
  'agent-silent': 'attention',
};

const warnings = await Promise.all([patchedBuild(), droppedTrigger(), editedLeaf(), stoppedAgent()]);
let held = true;
const lines = warnings.map(({ what, reason, chip, before, after, seconds }) => {
  const shown = (report: typeof before): string => (chip === undefined ? '' : `${report.chips[chip]?.state}`);
  const holds = seconds !== undefined && seconds < WITHIN_S && after.verdict === EXPECTED[reason];
  held &&= holds && before.verdict !== after.verdict;
  return [
    what,
    before.verdict,
    after.verdict,
    reason,
    chip ?? '',
    shown(before),
    shown(after),
    seconds ?? `not in ${WITHIN_S}`,
    holds && before.verdict !== after.verdict ? 'yes' : 'NO',
  ];
});
printTable(['what was done', 'verdict', 'then', 'reason', 'chip', 'state', 'then', 'seconds', 'held'], lines);
process.exitCode = held ? 0 : 1;
