import { eventCase } from '../cases.ts';
import type { Facts } from '../facts.ts';
import { kindLink } from '../row-link.ts';
import type { Case, Rule } from '../rule.ts';
import { counted, isoTime, listed } from '../sentences.ts';
import type { WriterFact } from '../source.ts';

/** A process runs and its watcher says nothing: it may be blocked, stopped or switched off from inside. */
export const agentSilent: Rule = {
  id: 'agent-silent',
  severity: 'attention',
  evaluate(facts) {
    const now = silentWriters(facts);
    const earlier = facts.gaps.find((group) => group.event === 'silent');
    if (now.length === 0 && earlier === undefined) return undefined;
    const who = listed(now.map((writer) => `${writer.app} (process ${writer.pid})`));
    const text =
      now.length > 0
        ? `The watcher in ${who} has been silent for more than 20 seconds although the process runs: what it does now is not recorded.`
        : `The watcher of ${counted(earlier?.rows ?? 0, 'process', 'processes')} fell silent for more than 20 seconds and came back or ended.`;
    return {
      text,
      action:
        'Check whether the process hangs or is stopped. If it serves requests normally, its watcher was switched off from inside: restart it and look at what was deployed.',
      count: Math.max(now.length, earlier?.rows ?? 0),
      link: kindLink({ kind: 'gap', event: 'silent' }),
      cases: [...now.map(writerCase), ...(earlier === undefined ? [] : [eventCase('gap', earlier, earlier.rows)])],
    };
  },
};

export function silentWriters(facts: Facts): WriterFact[] {
  return facts.writers.filter((writer) => writer.state === 'silent');
}

function writerCase(writer: WriterFact): Case {
  const since = writer.lastSeen === undefined ? '' : ` since ${isoTime(writer.lastSeen)}`;
  return {
    text: `${writer.app}, process ${writer.pid}${writer.thread === 0 ? '' : `, thread ${writer.thread}`}: silent${since}`,
    count: 1,
    link: kindLink({ app: writer.app, pid: String(writer.pid) }),
    app: writer.app,
    ...(writer.lastSeen === undefined ? {} : { time: writer.lastSeen }),
  };
}
