import { RECORD_FIELDS, type SpoolRecord } from '@outwitness/event';
import { type Members, MOST_COUNT, ownFields } from './cleaning.ts';
import type { Damage, DrainedFile } from './drained-file.ts';
import type { Writer } from './writer-state.ts';

const HEX_64 = /^[0-9a-f]{64}$/;

/** What of a record goes into its control row. */
const CONTROL_MEMBERS = [
  'runtime',
  'agent',
  'digest',
  'loaded',
  'late',
  'channels',
  'disabled',
  'generation',
  'enabled',
  'strict',
  'reason',
  'code',
];

/**
 * The rows other than `net` that a record becomes; docs/formats/chain.md, "Other rows from records". Counts what the
 * writer reports (guard hits) and what was dropped, so that each is told once.
 *
 * @param first no `hello` of this writer was seen before
 */
export function recordRows(writer: Writer, file: DrainedFile, record: SpoolRecord, first: boolean): Members[] {
  const place = { time: record.time, ...from(writer), spool: file.name, spoolSeq: record.n };
  const said = ownFields(record, RECORD_FIELDS[record.kind] ?? {}, CONTROL_MEMBERS);
  if (typeof said['digest'] === 'string' && !HEX_64.test(said['digest'])) delete said['digest'];
  const control = (event: string, text: string, members: Members = said): Members => ({
    kind: 'control',
    event,
    actor: 'agent',
    text,
    owner: file.owner,
    ...members,
    ...place,
  });
  switch (record.kind) {
    case 'hello': {
      if (!first) return [];
      const rows = [control('hello', `${writer.app} is watched in process ${writer.pid}, thread ${writer.thread}`)];
      const late = record.late?.length ?? 0;
      if (late > 0)
        rows.push(
          control('late-load', `the watcher was loaded after ${late} modules or sockets`, { late: said['late'] }),
        );
      return rows;
    }
    case 'bye':
      return [
        ...told(writer, record.faults, place),
        ...(record.reason === 'rotate'
          ? []
          : [control('bye', `the watcher in process ${writer.pid} ended: ${String(said['reason'])}`)]),
      ];
    case 'beat':
      return told(writer, record.faults, place);
    case 'settings':
      return [control('settings', `process ${writer.pid} took over generation ${record.generation} of the settings`)];
    case 'gap': {
      const { event, text } = ownFields(record, RECORD_FIELDS['gap'] ?? {}, ['event', 'text']);
      const missing = Math.min(record.missing, MOST_COUNT);
      return [{ kind: 'gap', event, text, missing, count: Math.min(record.count, MOST_COUNT), ...place }];
    }
    case 'hook':
      return [{ kind: 'hook', ...ownFields(record, RECORD_FIELDS['hook'] ?? {}, ['event', 'text']), ...place }];
    case 'pkg':
    case 'open':
    case 'conn':
    case 'claim':
    case 'done':
    case 'part':
      return [];
  }
}

/** What the reader of a spool file could not read. */
export function damageRow(writer: Writer, file: DrainedFile, damage: Damage, now: number): Members {
  const text = damage.text ?? `${file.name}: ${damage.event}, ${damage.missing} rows known to be lost`;
  const members = {
    kind: 'gap',
    event: damage.event,
    text,
    missing: Math.min(damage.missing, MOST_COUNT),
    count: Math.min(damage.count, MOST_COUNT),
  };
  return { ...members, time: now, ...from(writer), spool: file.name };
}

/** What is left to say about a writer that is gone. */
export function goneRow(writer: Writer, now: number): Members[] {
  const place = { time: now, ...from(writer), spool: writer.spool };
  const rows = told(writer, writer.faults, place);
  if (writer.left > 0) return rows;
  return [
    ...rows,
    {
      kind: 'gap',
      event: 'killed',
      text: `process ${writer.pid} (${writer.app}) ended without a bye`,
      missing: 0,
      count: 1,
      ...place,
    },
  ];
}

export function silentRow(writer: Writer, now: number): Members {
  const text = `process ${writer.pid} (${writer.app}) exists and has sent nothing for 20 s`;
  return { kind: 'gap', event: 'silent', text, missing: 0, count: 1, time: now, ...from(writer), spool: writer.spool };
}

/** Guard hits and dropped records since the last such row. */
function told(writer: Writer, faults: number, place: Members): Members[] {
  const rows: Members[] = [];
  const gap = (event: string, text: string, count: number): void => {
    rows.push({ kind: 'gap', event, text, missing: 0, count: Math.min(count, MOST_COUNT), ...place });
  };
  if (faults > writer.faults) gap('fault', 'guards of the watcher caught exceptions', faults - writer.faults);
  if (writer.dropped > writer.droppedTold) {
    gap(
      'incomplete-call',
      'records were dropped: their call or connection is unknown, used twice or beyond a limit',
      writer.dropped - writer.droppedTold,
    );
  }
  writer.faults = Math.max(writer.faults, faults);
  writer.droppedTold = writer.dropped;
  return rows;
}

function from(writer: Writer): Members {
  return { app: writer.app, pid: writer.pid, thread: writer.thread };
}
