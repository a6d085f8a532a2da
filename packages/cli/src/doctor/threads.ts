import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { processAlive } from '@outwitness/collector';
import type { HelloRecord, SpoolRecord } from '@outwitness/event';
import { type SpoolFile, SpoolReader, START } from '@outwitness/spool';

/** A channel of one thread. */
export interface ChannelState {
  channel: string;
  /** `live`: its hooks are in place and on. */
  state: 'live' | 'disabled';
  /** Records of calls and connections by which it has shown itself, as far as the spool still holds them. */
  records: number;
  /** The newest of them, ISO 8601. */
  last: string | null;
}

/** One thread of one audited process, as its own spool files tell. Times ISO 8601. */
export interface Thread {
  writer: string;
  app: string;
  pid: number;
  thread: number;
  uid: number | null;
  script: string | null;
  state: 'live' | 'silent' | 'ended' | 'killed';
  since: string;
  lastRecord: string;
  runtime: string;
  agent: string;
  digest: string | null;
  loaded: string;
  /** Modules and sockets that were there before the watcher. */
  late: string[];
  enabled: boolean;
  /** Locked internals that something changed. */
  hooks: number;
  /** What its agent said of each other copy of it that was loaded. */
  copies: readonly string[];
  /** Errors of ours that were kept from the application. */
  faults: number;
  channels: ChannelState[];
  /** µs by which the newest record's time lies behind the time at which the system says its file grew. */
  clockUs: number;
}

/** A writer says something every 5 s. */
const SILENT_MS = 20_000;
const READ_BYTES = 4 * 1024 * 1024;

/**
 * Reads who wrote into a spool directory, newest first; files of which the beginning is no `hello` are passed over.
 *
 * @param now ms since 1970
 * @throws OutwitnessError `spool-open` if the directory cannot be listed
 */
export function threadsOf(spool: string, now: number): Thread[] {
  const reader = new SpoolReader(spool);
  const byWriter = Map.groupBy(reader.list().segments, ({ writer }) => writer);
  return [...byWriter.values()]
    .flatMap((segments) => threadOf(reader, spool, segments, now) ?? [])
    .sort((a, b) => (a.since < b.since ? 1 : -1));
}

/** What the records of one writer add up to. */
class Told {
  hello: HelloRecord | undefined;
  since = 0;
  newest = 0;
  ended = false;
  enabled = true;
  disabled: readonly string[] = [];
  hooks = 0;
  readonly copies: string[] = [];
  faults = 0;
  readonly channels = new Map<string, { records: number; last: number }>();

  take(record: SpoolRecord): void {
    this.newest = Math.max(this.newest, record.time);
    this.ended = record.kind === 'bye' && record.reason !== 'rotate';
    switch (record.kind) {
      case 'hello':
        this.hello = record;
        this.since ||= record.time;
        this.disabled = record.disabled ?? [];
        break;
      case 'settings':
        this.enabled = record.enabled;
        this.disabled = record.disabled ?? [];
        break;
      case 'open':
      case 'conn': {
        const before = this.channels.get(record.channel);
        this.channels.set(record.channel, { records: (before?.records ?? 0) + 1, last: record.time });
        break;
      }
      case 'hook':
        this.hooks++;
        break;
      case 'gap':
        if (record.event === 'second-copy') this.copies.push(record.text);
        break;
      case 'beat':
      case 'bye':
        this.faults = record.faults;
        break;
      case 'pkg':
      case 'claim':
      case 'done':
      case 'part':
        break;
    }
  }
}

function threadOf(reader: SpoolReader, spool: string, segments: SpoolFile[], now: number): Thread | undefined {
  const told = new Told();
  for (const { name } of segments) {
    try {
      for (const record of recordsOf(reader, name)) told.take(record);
    } catch {
      continue; // taken away, or no regular file: the collector tells of such ones
    }
  }
  const { hello } = told;
  const last = segments.at(-1);
  if (hello === undefined || last === undefined) return undefined;
  const grewMs = lstatSync(join(spool, last.name), { throwIfNoEntry: false })?.mtimeMs ?? last.mtimeMs;
  return {
    writer: last.writer,
    app: hello.app,
    pid: last.pid,
    thread: last.thread,
    uid: hello.uid ?? null,
    script: hello.script ?? null,
    state: stateOf(told, last, now),
    since: iso(told.since),
    lastRecord: iso(told.newest),
    runtime: hello.runtime,
    agent: hello.agent,
    digest: hello.digest ?? null,
    loaded: hello.loaded,
    late: [...(hello.late ?? [])],
    enabled: told.enabled,
    hooks: told.hooks,
    copies: told.copies,
    faults: told.faults,
    channels: channelsOf(hello.channels, told),
    clockUs: Math.round(grewMs * 1_000 - told.newest),
  };
}

function* recordsOf(reader: SpoolReader, name: string): Generator<SpoolRecord> {
  for (let cursor = START; ;) {
    const read = reader.read(name, cursor, READ_BYTES);
    for (const { record } of read.records) yield record;
    if (read.drained) return;
    cursor = read.cursor;
  }
}

/** As the collector sees it: without a `bye`, a process that is gone was killed. */
function stateOf(told: Told, { pid, startMs, mtimeMs }: SpoolFile, now: number): Thread['state'] {
  if (told.ended) return 'ended';
  if (!processAlive(pid, Math.max(startMs, mtimeMs))) return 'killed';
  return now - mtimeMs < SILENT_MS ? 'live' : 'silent';
}

function channelsOf(names: readonly string[], told: Told): ChannelState[] {
  return names.toSorted().map((channel) => {
    const seen = told.channels.get(channel);
    return {
      channel,
      state: told.disabled.includes(channel) ? 'disabled' : 'live',
      records: seen?.records ?? 0,
      last: seen === undefined ? null : iso(seen.last),
    };
  });
}

function iso(us: number): string {
  return new Date(us / 1_000).toISOString();
}
