import { sum } from './cells.ts';
import type { Facts } from './facts.ts';
import { numberOf, textOf, textsOf } from './leaf.ts';
import { notChecked } from './not-checked.ts';
import { programsOf } from './programs.ts';
import type { ChannelJson, CoverageJson, GapJson, LateLoadJson, WriterJson, WriterState } from './report-json.ts';
import { isSerious, lateLoadRows } from './rules/late-load.ts';
import { isoTime } from './sentences.ts';
import type { EventGroup, WriterFact } from './source.ts';
import { named } from './destinations.ts';
import { outboundOf } from './totals.ts';

const MAX_WRITERS = 200;
const STATES: readonly WriterState[] = ['live', 'silent', 'killed', 'ended'];

/** How much of what happened this report can speak of. */
export function coverageOf(facts: Facts): CoverageJson {
  const writers = writersJson(facts.writers);
  const count = (state: WriterState): number => facts.writers.filter((writer) => writer.state === state).length;
  const outbound = outboundOf(facts.cells);
  const unattributed = sum(
    outbound.filter((cell) => cell.package === ''),
    'events',
  );
  return {
    live: count('live'),
    silent: count('silent'),
    ended: count('ended'),
    killed: count('killed'),
    writers: writers.slice(0, MAX_WRITERS),
    writersOmitted: Math.max(0, writers.length - MAX_WRITERS),
    channels: channelsOf(facts),
    gaps: facts.gaps.map(gapJson),
    missing: facts.gaps.reduce((total, gap) => total + gap.missing, 0),
    lateLoads: lateLoadRows(facts).map(lateLoadJson),
    attribution: { attributed: sum(outbound, 'events') - unattributed, unattributed, cached: facts.cachedCalls },
    outside: (['process', 'native'] as const).flatMap((channel) =>
      programsOf(facts, channel).map((one) => ({
        channel,
        program: one.program,
        package: named(one.package),
        events: one.events,
        lastSeq: one.lastSeq,
      })),
    ),
    notChecked: notChecked(facts),
  };
}

/** Live and silent ones first, then the most recent. */
export function writersJson(writers: readonly WriterFact[]): WriterJson[] {
  const rank = ({ state }: WriterFact): number => Math.min(STATES.indexOf(state), 2);
  return writers.toSorted((a, b) => rank(a) - rank(b) || b.since - a.since).map(writerJson);
}

function writerJson(writer: WriterFact): WriterJson {
  return {
    writer: writer.writer,
    app: writer.app,
    pid: writer.pid,
    thread: writer.thread,
    state: writer.state,
    runtime: writer.runtime ?? null,
    agent: writer.agent ?? null,
    loaded: writer.loaded ?? null,
    uid: writer.uid ?? null,
    since: isoTime(writer.since),
    lastSeen: writer.lastSeen === undefined ? null : isoTime(writer.lastSeen),
    channels: [...writer.channels],
    disabled: [...writer.disabled],
    late: [...writer.late],
    generation: writer.generation ?? null,
    enabled: writer.enabled,
    strict: writer.strict,
  };
}

/** Every channel that a live process has or had switched off, or that the settings switch off. */
function channelsOf(facts: Facts): ChannelJson[] {
  const live = facts.writers.filter((writer) => writer.state === 'live');
  const off = facts.settings.disabledChannels;
  const names = [...new Set([...live.flatMap((writer) => [...writer.channels, ...writer.disabled]), ...off])];
  return names.sort().map((channel) => {
    const disabled = live.filter((writer) => writer.disabled.includes(channel)).length;
    const having = live.filter(
      (writer) => writer.channels.includes(channel) && !writer.disabled.includes(channel),
    ).length;
    const all = having === live.length ? 'live' : 'partly';
    const none = disabled > 0 || off.includes(channel) ? 'disabled' : 'absent';
    return { channel, state: having > 0 ? all : none, live: having, disabled };
  });
}

function gapJson(group: EventGroup): GapJson {
  const newest = group.newest[0];
  const time = numberOf(newest, 'time');
  return {
    event: group.event,
    rows: group.rows,
    count: group.count,
    missing: group.missing,
    text: textOf(newest, 'text') ?? '',
    at: time === undefined ? null : isoTime(time),
    lastSeq: numberOf(newest, 'seq') ?? -1,
  };
}

function lateLoadJson(row: EventGroup['newest'][number]): LateLoadJson {
  const late = [...textsOf(row, 'late')];
  return {
    app: textOf(row, 'app') ?? '',
    pid: numberOf(row, 'pid') ?? -1,
    late,
    serious: isSerious(late),
    at: isoTime(numberOf(row, 'time') ?? 0),
    seq: numberOf(row, 'seq') ?? -1,
  };
}
