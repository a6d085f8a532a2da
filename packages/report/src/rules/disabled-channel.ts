import { eventCase } from '../cases.ts';
import type { Facts } from '../facts.ts';
import { kindLink } from '../row-link.ts';
import type { Case, Rule } from '../rule.ts';
import { listed } from '../sentences.ts';

/** Somebody asked for less to be seen. Legitimate, but the reader of the report must know. */
export const disabledChannel: Rule = {
  id: 'disabled-channel',
  severity: 'attention',
  evaluate(facts) {
    const channels = disabledChannels(facts);
    const off = captureOff(facts);
    const earlier = facts.gaps.find((group) => group.event === 'disabled');
    if (channels.length === 0 && !off && earlier === undefined) return undefined;
    const now = off
      ? 'Recording is switched off: nothing that happens now is on record.'
      : channels.length > 0
        ? `Recording is switched off for ${listed(channels, 6)}: calls of that kind show only as connections, or not at all.`
        : 'Recording was switched off for a time in this period.';
    return {
      text: now,
      action:
        'Switch it on again in the settings (enabled, disabledChannels) unless there is a reason; the settings rows say when it was changed.',
      count: Math.max(channels.length + (off ? 1 : 0), earlier?.rows ?? 0),
      link: kindLink({ kind: 'control', event: 'settings' }),
      cases: [
        ...channels.map((channel) => channelCase(facts, channel)),
        ...(earlier === undefined ? [] : [eventCase('gap', earlier, earlier.rows)]),
      ],
    };
  },
};

/** Switched off in the settings or in a process that runs; sorted. */
export function disabledChannels(facts: Facts): string[] {
  const running = facts.writers.filter((writer) => writer.state === 'live' || writer.state === 'silent');
  return [...new Set([...facts.settings.disabledChannels, ...running.flatMap((writer) => writer.disabled)])].sort();
}

/** In the settings, or in a live process that says so itself. */
export function captureOff(facts: Facts): boolean {
  return !facts.settings.enabled || facts.writers.some((writer) => writer.state === 'live' && !writer.enabled);
}

function channelCase(facts: Facts, channel: string): Case {
  const where = facts.writers.filter((writer) => writer.state === 'live' && writer.disabled.includes(channel));
  const pids = where.length === 0 ? '' : ` in process ${where.map((writer) => writer.pid).join(', ')}`;
  return { text: `${channel} is switched off${pids}`, count: 1, link: kindLink({ kind: 'net', channel }) };
}
