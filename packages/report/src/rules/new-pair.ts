import { type Facts, HOUR_US, learningOf } from '../facts.ts';
import { isAcknowledged, type Pair, pairText } from '../pair.ts';
import { cellLink } from '../row-link.ts';
import type { Case, Rule } from '../rule.ts';
import { numberOf, textOf } from '../leaf.ts';
import { counted, listed, nameOfDestination, nameOfPackage, placeOf } from '../sentences.ts';
import type { PairSeen } from '../source.ts';

/** A package talks to somebody it never talked to before, and nothing explains it. */
export const newPair: Rule = {
  id: 'new-pair',
  severity: 'attention',
  evaluate(facts) {
    const pairs = newPairs(facts);
    if (pairs.length === 0) return undefined;
    return {
      text: `${counted(pairs.length, 'new destination')}: ${listed(pairs.map((pair) => sentence(facts, pair)))}. Until now ${pairs.length === 1 ? 'this was' : 'these were'} never contacted from there.`,
      action: `If you expect it, acknowledge it: outwitness ack "${pairText(pairs[0] ?? NOBODY)}" --why "…". If not, look at the call site and at what was installed or updated last.`,
      count: pairs.length,
      link: cellLink({ direction: 'out', firstSeq: Math.min(...pairs.map((pair) => pair.firstSeq)) }),
      cases: pairs.map((pair) => pairCase(facts, pair)),
    };
  },
  evidence: (facts) => candidates(facts).map((pair) => pair.firstSeq),
};

const NOBODY: Pair = { package: '', host: '', port: -1 };

/** Newest first. In the hour in which the learning window ends the first row's own time decides. */
function newPairs(facts: Facts): PairSeen[] {
  const { until = 0 } = learningOf(facts);
  return candidates(facts).filter((pair) => (numberOf(facts.rows.get(pair.firstSeq), 'time') ?? until) >= until);
}

function candidates(facts: Facts): PairSeen[] {
  const { since, until, active } = learningOf(facts);
  if (active || since === undefined || until === undefined) return [];
  const all = [...mergePairs(facts.pairs).values()];
  const withPort = new Set(all.filter((pair) => pair.port >= 0).map((pair) => `${pair.package}\n${pair.host}`));
  return (
    all
      .filter((pair) => pair.firstHour >= facts.fromHour && pair.firstHour < facts.toHour)
      .filter((pair) => facts.settings.learnDays === 0 || (pair.firstHour + 1) * HOUR_US > until)
      .filter((pair) => facts.app === null || pair.app === facts.app)
      .filter((pair) => !explained(pair) && !isAcknowledged(facts.catalogue.acknowledged, pair))
      // A look-up says no more than the connection that follows it.
      .filter((pair) => pair.port >= 0 || !withPort.has(`${pair.package}\n${pair.host}`))
      .toSorted((a, b) => b.firstSeq - a.firstSeq)
  );
}

/**
 * Inside, announced, or nowhere; or the business of another rule: a call without a package of `unattributed`, a vendor
 * outside its declaration of the alarm, beside which nobody must be told how to acknowledge it.
 */
function explained(pair: PairSeen): boolean {
  if (pair.class === 'vendor' && (pair.declared === 'no' || pair.declared === 'beyond')) return true;
  return pair.class === 'internal' || pair.declared === 'yes' || pair.host === '' || pair.package === '';
}

/** One pair whatever the application; it is as well explained as its worst call. */
function mergePairs(pairs: readonly PairSeen[]): Map<string, PairSeen> {
  const merged = new Map<string, PairSeen>();
  for (const pair of pairs) {
    const key = pairText(pair);
    const before = merged.get(key);
    const first = before === undefined || pair.firstSeq < before.firstSeq ? pair : before;
    const worse = before !== undefined && explained(pair) ? before : pair;
    merged.set(key, {
      ...first,
      class: worse.class,
      declared: worse.declared,
      lastSeq: Math.max(before?.lastSeq ?? 0, pair.lastSeq),
      events: (before?.events ?? 0) + pair.events,
    });
  }
  return merged;
}

function sentence(facts: Facts, pair: PairSeen): string {
  const row = facts.rows.get(pair.firstSeq);
  const place = placeOf(textOf(row, 'site'));
  const who = nameOfPackage(pair.package, textOf(row, 'packageVersion'));
  return `${who} contacted ${nameOfDestination(pair.host, pair.port)}${place === undefined ? '' : ` (${place})`}`;
}

function pairCase(facts: Facts, pair: PairSeen): Case {
  const row = facts.rows.get(pair.firstSeq);
  const site = textOf(row, 'site');
  const time = numberOf(row, 'time');
  const { package: name, host, port, firstSeq, lastSeq } = pair;
  return {
    text: sentence(facts, pair),
    count: pair.events,
    link: cellLink({ direction: 'out', package: name, host, port, firstSeq, lastSeq }),
    app: pair.app,
    package: name,
    host,
    seq: firstSeq,
    ...(port < 0 ? {} : { port }),
    ...(site === undefined ? {} : { site }),
    ...(time === undefined ? {} : { time }),
  };
}
