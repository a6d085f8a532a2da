import { catalogueInForce, type DataDir, makeReport, readLedger } from '@outwitness/collector';
import { diffLock, type GateJson, gateOf, lockable, type Pair } from '@outwitness/report';
import { printJson, say } from './output.ts';

/**
 * Judges a run that is over, from the ledger that it left.
 *
 * @param from sequence number of the first row of the run
 */
export async function gate(dir: DataDir, from: number, lock: readonly Pair[]): Promise<GateJson> {
  const reading = readLedger(dir);
  try {
    const { journal, source } = reading;
    const { catalogue } = await catalogueInForce(journal);
    const settings = { ...reading.settings, learnDays: 0 };
    const report = await makeReport(journal, source, settings, catalogue, { from: { seq: from } });
    const pairs = await source.pairs();
    const seen = lockable(pairs.filter(({ lastSeq }) => lastSeq >= from));
    const hellos = [
      { field: 'kind', value: 'control' },
      { field: 'event', value: 'hello' },
    ];
    const not = [{ field: 'app', value: 'outwitness' }];
    const query = { order: 'oldest', where: hellos, not, from: { seq: from }, limit: 1_000 } as const;
    const watched = new Set<string>();
    for await (const { leaf } of journal.scan(query)) watched.add(leaf);
    return gateOf(report, diffLock(lock, seen).added, watched.size);
  } finally {
    reading.close();
  }
}

/** Says what stands in the way. */
export function tellGate(judged: GateJson, lockPath: string, json: boolean): void {
  if (json) printJson(judged);
  for (const { text, action } of judged.alarms) say(`outwitness: alarm: ${text} What to do: ${action}`);
  for (const pair of judged.newPairs) say(`outwitness: new destination: ${pair}`);
  if (judged.newPairs.length > 0)
    say(`outwitness: not in ${lockPath}: look at them, then accept them with: outwitness lock --update`);
  for (const { text, action } of judged.coverage) say(`outwitness: coverage: ${text} What to do: ${action}`);
  say(`outwitness: the gate ${judged.passed ? 'is passed' : `is not passed: exit code ${judged.exit}`}`);
}
