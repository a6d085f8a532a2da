import type { Flat } from '@outwitness/event';

import { numberOf, textOf, textsOf } from './leaf.ts';
import type { WriterState } from './report-json.ts';
import type { WriterFact } from './source.ts';

/** What the collector knows of a writer whose process exists. */
export interface Liveness {
  /** Time of its newest record, µs. */
  readonly lastSeen: number;
  readonly silent: boolean;
}

/**
 * Who writes or wrote, from the rows alone: `control` rows `hello`, `settings`, `bye` and `gap` rows `killed`.
 *
 * @param rows such rows in ascending `seq`, others are ignored
 * @param living by writer: the name of the spool file without its segment; without an entry and without a `bye` a writer
 * counts as killed
 */
export function writersOf(rows: Iterable<Flat>, living: ReadonlyMap<string, Liveness>): WriterFact[] {
  const writers = new Map<string, WriterFact>();
  for (const row of rows) {
    const writer = writerName(textOf(row, 'spool') ?? '');
    const before = writers.get(writer);
    if (row['kind'] === 'control' && row['event'] === 'hello') {
      writers.set(writer, fromHello(writer, row, living.get(writer)));
    } else if (before !== undefined) {
      writers.set(writer, {
        ...before,
        ...changeBy(row),
        lastSeen: Math.max(before.lastSeen ?? 0, numberOf(row, 'time') ?? 0),
      });
    }
  }
  return [...writers.values()];
}

/** `4711-0-kx3f-9a8b7c6d.0.spool` → `4711-0-kx3f-9a8b7c6d` */
export function writerName(spool: string): string {
  return spool.replace(/\.\d+\.spool$/, '');
}

function fromHello(writer: string, row: Flat, living: Liveness | undefined): WriterFact {
  const state: WriterState = living === undefined ? 'killed' : living.silent ? 'silent' : 'live';
  const time = numberOf(row, 'time') ?? 0;
  const known = {
    runtime: textOf(row, 'runtime'),
    agent: textOf(row, 'agent'),
    loaded: textOf(row, 'loaded'),
    uid: numberOf(row, 'owner'),
    generation: numberOf(row, 'generation'),
  };
  return {
    writer,
    state,
    app: textOf(row, 'app') ?? '',
    pid: numberOf(row, 'pid') ?? -1,
    thread: numberOf(row, 'thread') ?? 0,
    since: time,
    lastSeen: living?.lastSeen ?? time,
    channels: textsOf(row, 'channels'),
    disabled: textsOf(row, 'disabled'),
    late: textsOf(row, 'late'),
    enabled: row['enabled'] !== false,
    strict: row['strict'] === true,
    ...present(known),
  };
}

function changeBy(row: Flat): Partial<WriterFact> {
  if (row['kind'] === 'gap' && row['event'] === 'killed') return { state: 'killed' };
  if (row['kind'] !== 'control') return {};
  if (row['event'] === 'bye') return { state: 'ended' };
  if (row['event'] !== 'settings') return {};
  const generation = numberOf(row, 'generation');
  return {
    ...(generation === undefined ? {} : { generation }),
    disabled: textsOf(row, 'disabled'),
    enabled: row['enabled'] !== false,
    strict: row['strict'] === true,
  };
}

type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

function present<T extends object>(object: T): Present<T> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as Present<T>;
}
