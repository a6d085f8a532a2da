import type { Draft, InstallOptions, Ports, Watcher } from '../src/index.ts';
import { install } from '../src/index.ts';
import type { ClaimRecord, ConnRecord, DoneRecord, GapRecord, HookRecord, OpenRecord } from '@outwitness/event';

export type AnyRecord =
  | Draft<OpenRecord>
  | Draft<ConnRecord>
  | Draft<ClaimRecord>
  | Draft<DoneRecord>
  | Draft<GapRecord>
  | Draft<HookRecord>;

/** Trivial ports that keep every record, and whether it was an intent. */
export class Collector {
  readonly records: AnyRecord[] = [];
  readonly intents: AnyRecord[] = [];
  readonly ports: Ports = {
    attributor: { capture: () => ({ basis: 'stack', package: 'test', site: 'test.ts:1:1' }) },
    redaction: {
      target: ({ rawPath }) => ({ path: rawPath.split('?')[0] ?? '', queryKeys: [], fingerprint: 'p.00' }),
      headerNames: (names) => names.map((name) => name.toLowerCase()),
      localPath: (path) => path,
    },
    sink: {
      intent: (record) => {
        this.intents.push(record);
        this.records.push(record);
      },
      record: (record) => {
        this.records.push(record);
      },
    },
  };

  install(options?: InstallOptions): Watcher {
    return install(this.ports, options);
  }

  opens(direction: 'in' | 'out' = 'out'): Draft<OpenRecord>[] {
    return this.records.filter(
      (record): record is Draft<OpenRecord> => record.kind === 'open' && record.direction === direction,
    );
  }

  conns(direction: 'in' | 'out' = 'out'): Draft<ConnRecord>[] {
    return this.records.filter(
      (record): record is Draft<ConnRecord> => record.kind === 'conn' && record.direction === direction,
    );
  }

  claims(): Draft<ClaimRecord>[] {
    return this.records.filter((record): record is Draft<ClaimRecord> => record.kind === 'claim');
  }

  done(of: { call: number } | { conn: number }): Draft<DoneRecord> | undefined {
    return this.records.find(
      (record): record is Draft<DoneRecord> =>
        record.kind === 'done' &&
        ('call' in of ? record.call === of.call : record.call === undefined && record.conn === of.conn),
    );
  }

  of<Kind extends AnyRecord['kind']>(kind: Kind): Extract<AnyRecord, { kind: Kind }>[] {
    return this.records.filter((record): record is Extract<AnyRecord, { kind: Kind }> => record.kind === kind);
  }

  clear(): void {
    this.records.length = 0;
    this.intents.length = 0;
  }
}

export interface Row {
  what: 'call' | 'raw';
  channel: string;
  direction: string;
  host: string | undefined;
  port: number | undefined;
  outcome: string | undefined;
  bytesOut: number | undefined;
  bytesIn: number | undefined;
}

/** What becomes a row: every call, every raw connection, every pooled connection that nobody claimed, and bytes that no claim accounts for. */
export function rowsOf(collector: Collector, direction: 'in' | 'out' = 'out'): Row[] {
  const rows: Row[] = [];
  for (const open of collector.opens(direction)) {
    const done = collector.done({ call: open.call });
    rows.push({
      what: 'call',
      channel: open.channel,
      direction,
      host: open.host,
      port: open.port,
      outcome: done?.outcome,
      bytesOut: done?.bytesOut,
      bytesIn: done?.bytesIn,
    });
  }
  for (const conn of collector.conns(direction)) {
    const done = collector.done({ conn: conn.conn });
    const users = callsOf(collector, conn.conn);
    // A call that used two connections accounts for its bytes on both, as in the ledger.
    const out = Math.max(0, (done?.bytesOut ?? 0) - sum(collector, users, 'bytesOut'));
    const in_ = Math.max(0, (done?.bytesIn ?? 0) - sum(collector, users, 'bytesIn'));
    if (users.length > 0 && (done === undefined || (out === 0 && in_ === 0))) continue;
    rows.push({
      what: 'raw',
      channel: conn.channel,
      direction,
      host: conn.host,
      port: conn.port,
      outcome: done?.outcome,
      bytesOut: out,
      bytesIn: in_,
    });
  }
  return rows;
}

/** Numbers of the calls that used a connection. */
export function callsOf(collector: Collector, conn: number): number[] {
  const users = new Set<number>();
  for (const record of collector.records) {
    if (record.kind === 'conn' && record.conn === conn && record.for !== undefined) users.add(record.for);
    if (record.kind === 'claim' && record.conn === conn) users.add(record.call);
    if (record.kind === 'open' && record.conn === conn) users.add(record.call);
  }
  return [...users];
}

function sum(collector: Collector, calls: number[], field: 'bytesOut' | 'bytesIn'): number {
  return calls.reduce((total, call) => total + (collector.done({ call })?.[field] ?? 0), 0);
}

export function delay(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

/** Waits until something holds, at most two seconds. */
export async function until(holds: () => boolean): Promise<void> {
  for (let i = 0; i < 200 && !holds(); i++) await delay(10);
}
