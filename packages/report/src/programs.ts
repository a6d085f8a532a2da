import type { Facts } from './facts.ts';
import { isAcknowledged } from './pair.ts';
import { kindLink } from './row-link.ts';
import type { Case } from './rule.ts';
import { isSelf } from './self.ts';
import { nameOfPackage } from './sentences.ts';
import type { Program } from './source.ts';

/** Programs started and addons loaded by the audited applications, newest first. */
export function programsOf(facts: Facts, channel: Program['channel']): Program[] {
  return facts.programs
    .filter((one) => one.channel === channel && !isSelf(one) && (facts.app === null || one.app === facts.app))
    .toSorted((a, b) => b.lastSeq - a.lastSeq);
}

/** The pair of a program is written `package -> process:curl`, of an addon `package -> native:build/x.node`. */
export function unacknowledgedPrograms(facts: Facts, channel: Program['channel']): Program[] {
  return programsOf(facts, channel).filter(
    (one) =>
      !isAcknowledged(facts.catalogue.acknowledged, {
        package: one.package,
        host: `${channel}:${one.program}`,
        port: -1,
      }),
  );
}

export function programCase(one: Program): Case {
  const did = one.channel === 'process' ? 'started' : 'loaded';
  return {
    text: `${nameOfPackage(one.package)} ${did} ${one.program}`,
    count: one.events,
    link: kindLink({ kind: 'net', app: one.app, channel: one.channel, package: one.package, path: one.program }),
    app: one.app,
    package: one.package,
    seq: one.lastSeq,
  };
}
