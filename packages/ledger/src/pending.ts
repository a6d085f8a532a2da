import { canonical, type ConnRecord, type Flat, type OpenRecord, parseCanonical } from '@outwitness/event';
import { type Members, netFields } from './cleaning.ts';
import type { StateEntry } from './store.ts';

/** What open calls and open connections have in common. */
interface Open {
  readonly key: string;
  readonly writer: string;
  /** Number of the call or connection in its writer. */
  readonly number: number;
  /** Net fields as known so far, cut to their limits. */
  fields: Members;
  /** File and number of the record that opened it. */
  readonly spool: string;
  readonly spoolSeq: number;
  /** µs, the writer's clock when it opened. */
  readonly time: number;
  /** µs, the collector's clock when that record was drained. */
  readonly drained: number;
  /** Its row of phase `open` is written. */
  opened: boolean;
}

/** A call whose `done` is still to come. */
export interface OpenCall extends Open {
  readonly type: 'call';
  /** Connections it is tied to, oldest first. */
  readonly conns: number[];
}

/** A connection whose `done`, or the `done` of one of its calls, is still to come. */
export interface OpenConn extends Open {
  readonly type: 'conn';
  /** Made for a call or claimed by one: makes no row of its own. */
  tied: boolean;
  readonly raw: boolean;
  /** Bytes of its calls that have ended. */
  accountedOut: number;
  accountedIn: number;
  /** Its own `done` was seen. */
  ended: boolean;
  /** Open calls tied to it. Derived: not stored. */
  readonly calls: Set<number>;
}

export type Pending = OpenCall | OpenConn;

/** Members of a pending record that describe no call: everything else in it is a net field. */
const STATE = new Set([
  'type',
  'number',
  'spool',
  'spoolSeq',
  'time',
  'drained',
  'opened',
  'conns',
  'tied',
  'raw',
  'accountedOut',
  'accountedIn',
  'ended',
]);

function pendingKey(writer: string, type: Pending['type'], number: number): string {
  return `${writer}/${type}/${number}`;
}

/** What an `open` record begins. */
export function openedCall(writer: string, spool: string, record: OpenRecord, now: number): OpenCall {
  const fields = netFields(record);
  if (record.conn !== undefined) fields['conn'] = record.conn;
  return {
    type: 'call',
    key: pendingKey(writer, 'call', record.call),
    writer,
    number: record.call,
    fields,
    spool,
    spoolSeq: record.n,
    time: record.time,
    drained: now,
    opened: false,
    conns: [],
  };
}

/** What a `conn` record begins. */
export function openedConn(writer: string, spool: string, record: ConnRecord, now: number, tied: boolean): OpenConn {
  return {
    type: 'conn',
    key: pendingKey(writer, 'conn', record.conn),
    writer,
    number: record.conn,
    fields: netFields(record),
    spool,
    spoolSeq: record.n,
    time: record.time,
    drained: now,
    opened: false,
    tied,
    raw: record.by === undefined || record.by === 'raw',
    accountedOut: 0,
    accountedIn: 0,
    ended: false,
    calls: new Set(),
  };
}

/** `record` of the table `pending`: the net fields known so far beside the state of the assembly. */
export function encodePending(pending: Pending): string {
  const { type, number, spool, spoolSeq, time, drained, opened } = pending;
  const state: Members = { type, number, spool, spoolSeq, time, drained, opened };
  if (pending.type === 'call') state['conns'] = pending.conns.map(String);
  else {
    const { tied, raw, accountedOut, accountedIn, ended } = pending;
    Object.assign(state, { tied, raw, accountedOut, accountedIn, ended });
  }
  return canonical({ ...pending.fields, ...state });
}

/** Reads back what {@link encodePending} wrote. Connections get their calls from the calls' `conns` afterwards. */
export function decodePending(entry: StateEntry): Pending {
  const record = parseCanonical(entry.record);
  const writer = entry.key.slice(0, entry.key.indexOf('/'));
  const fields: Members = {};
  for (const [name, value] of Object.entries(record)) if (!STATE.has(name)) fields[name] = value;
  const open: Open = {
    key: entry.key,
    writer,
    number: int(record, 'number'),
    fields,
    spool: String(record['spool']),
    spoolSeq: int(record, 'spoolSeq'),
    time: int(record, 'time'),
    drained: int(record, 'drained'),
    opened: record['opened'] === true,
  };
  if (record['type'] === 'call')
    return { ...open, type: 'call', conns: ((record['conns'] ?? []) as readonly string[]).map(Number) };
  return {
    ...open,
    type: 'conn',
    tied: record['tied'] === true,
    raw: record['raw'] === true,
    accountedOut: int(record, 'accountedOut'),
    accountedIn: int(record, 'accountedIn'),
    ended: record['ended'] === true,
    calls: new Set(),
  };
}

function int(record: Flat, name: string): number {
  return record[name] as number;
}
