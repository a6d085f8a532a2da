import { NODE_CHANNELS } from '@outwitness/event';
import type { Finding } from './finding.ts';
import type { Thread } from './threads.ts';

/** Agents of one installation, by which those of the audited processes are measured. */
export interface OwnAgent {
  version: string;
  digest: string | undefined;
}

/** A clock that differs by more is not merely late with its record. */
const CLOCK_MS = 60_000;

/** What is wrong with the audited threads that run. */
export function checkThreads(threads: readonly Thread[], own: OwnAgent): Finding[] {
  const running = threads.filter(({ state, app }) => (state === 'live' || state === 'silent') && app !== 'outwitness');
  if (running.length === 0) return [nobody(threads)];
  return running.flatMap((thread) => [
    ...checkCapture(thread),
    ...checkChannels(thread, channelsOf(thread, running)),
    ...checkAgent(thread, own),
    ...checkCopies(thread),
    ...checkClock(thread),
  ]);
}

/** What a thread on this runtime can have: on Node.js every channel of the agent, elsewhere what others there have. */
function channelsOf({ runtime }: Thread, running: readonly Thread[]): readonly string[] {
  const [kind = ''] = runtime.split('/');
  if (kind === 'node') return NODE_CHANNELS;
  const peers = running.filter((thread) => thread.runtime.startsWith(`${kind}/`));
  return peers.flatMap((thread) => thread.channels.map(({ channel }) => channel));
}

/** `shop, process 4711, thread 2` */
function nameOf({ app, pid, thread }: Thread): string {
  return `${app}, process ${pid}${thread === 0 ? '' : `, thread ${thread}`}`;
}

function nobody(threads: readonly Thread[]): Finding {
  const ended = threads.filter(({ app }) => app !== 'outwitness').length;
  return {
    id: 'no-process',
    severity: 'coverage',
    text: 'No audited process runs.',
    expected: 'at least one process that writes into this spool',
    got: ended === 0 ? 'none, and none before' : `none; ${ended} that ended`,
    action:
      'Start the application with: outwitness run -- CMD, or with the entry in NODE_OPTIONS and OUTWITNESS_DATA naming this directory.',
    pid: null,
  };
}

function checkCapture(thread: Thread): Finding[] {
  const { pid } = thread;
  const found: Finding[] = [];
  const add = (id: string, text: string, expected: string, got: string, action: string): void =>
    void found.push({ id, severity: 'coverage', text, expected, got, action, pid });
  if (thread.state === 'silent') {
    add(
      'agent-silent',
      `The watcher in ${nameOf(thread)} is silent although the process exists.`,
      'a record every 5 s',
      `the last at ${thread.lastRecord}`,
      'The process may be stopped or busy in one long computation; otherwise something took the watcher away: look at the newest rows of it, and start it again.',
    );
  }
  if (!thread.enabled) {
    add(
      'capture-off',
      `Capture is switched off in ${nameOf(thread)}.`,
      'enabled: true',
      'enabled: false',
      'Set "enabled": true in outwitness.config.json.',
    );
  }
  if (thread.hooks > 0) {
    add(
      'hook-changed',
      `Something changed what the watcher stands on in ${nameOf(thread)}.`,
      'no change',
      `${thread.hooks} changes`,
      'See: outwitness journal --where kind=hook. Find out which package did it.',
    );
  }
  if (thread.late.length > 0) {
    add(
      'late-load',
      `The watcher came after other modules or sockets into ${nameOf(thread)}.`,
      'loaded before everything else',
      thread.late.join(', '),
      'Put the entry first in NODE_OPTIONS, or import outwitness/register in the first line of the program.',
    );
  }
  return found;
}

function checkChannels(thread: Thread, possible: readonly string[]): Finding[] {
  const own = new Set(thread.channels.map(({ channel }) => channel));
  const off = thread.channels.filter(({ state }) => state === 'disabled').map(({ channel }) => channel);
  const all = [...new Set(possible)].toSorted();
  const absent = all.filter((channel) => !own.has(channel));
  const found: Finding[] = [];
  if (off.length > 0) {
    found.push({
      id: 'channel-disabled',
      severity: 'coverage',
      text: `Channels are switched off in ${nameOf(thread)}.`,
      expected: 'all on',
      got: `off: ${off.join(', ')}`,
      action: 'Take them out of "disabledChannels" in outwitness.config.json and OUTWITNESS_DISABLED_CHANNELS.',
      pid: thread.pid,
    });
  }
  if (absent.length > 0) {
    found.push({
      id: 'channel-absent',
      severity: 'coverage',
      text: `${nameOf(thread)} lacks channels of its agent: they could not be put in place.`,
      expected: all.join(', '),
      got: `without ${absent.join(', ')} on ${thread.runtime}`,
      action:
        'What goes that way is seen by a lower channel or not at all. Start it again with the agent in front of all other modules; if they stay away, this runtime does not have what they stand on.',
      pid: thread.pid,
    });
  }
  return found;
}

function checkAgent(thread: Thread, own: OwnAgent): Finding[] {
  // The agent of another runtime comes with its host's addon, in versions and files of its own.
  if (!thread.runtime.startsWith('node/')) return [];
  const same = thread.agent === own.version;
  if (same && (thread.digest === null || own.digest === undefined || thread.digest === own.digest)) return [];
  return [
    {
      id: same ? 'agent-digest' : 'agent-version',
      severity: 'problem',
      text: `The agent in ${nameOf(thread)} is not the one of this installation.`,
      expected: same ? `${own.digest}` : own.version,
      got: same ? `${thread.digest}` : thread.agent,
      action:
        'Start the application again if Outwitness was updated. If not, compare the files of its agent with: outwitness doctor --build',
      pid: thread.pid,
    },
  ];
}

function checkCopies(thread: Thread): Finding[] {
  if (thread.copies.length === 0) return [];
  return [
    {
      id: 'second-copy',
      severity: 'problem',
      text: `More than one copy of the agent was loaded into ${nameOf(thread)}.`,
      expected: `the agent ${thread.agent} alone`,
      got: [...new Set(thread.copies)].join('; '),
      action:
        'Nothing is counted twice. Load one copy only: by NODE_OPTIONS, or by the application, from the same installation. The warning OUTWITNESS_SECOND_COPY on its stderr names the files of both.',
      pid: thread.pid,
    },
  ];
}

function checkClock(thread: Thread): Finding[] {
  if (thread.state !== 'live' || Math.abs(thread.clockUs) <= CLOCK_MS * 1_000) return [];
  return [
    {
      id: 'clock-differs',
      severity: 'problem',
      text: `${nameOf(thread)} has another idea of the time than the system that holds its spool.`,
      expected: `at most ${CLOCK_MS / 1_000} s apart`,
      got: `${Math.round(thread.clockUs / 1_000_000)} s apart`,
      action: 'Set the clock (NTP), or give both the same time zone data and fake-time settings.',
      pid: thread.pid,
    },
  ];
}
