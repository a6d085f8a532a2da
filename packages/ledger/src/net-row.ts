import type { FlatValue, NetDraft, Phase } from '@outwitness/event';
import { type Members, overlaid, picked } from './cleaning.ts';
import type { OpenConn, Pending } from './pending.ts';
import type { Writer, WriterPackage } from './writer-state.ts';

/** A `net` row's `skew` appears above this many µs. */
const SKEW_FROM = 600_000_000;

/** What a call's row takes from its last connection where its own records do not say. */
const FROM_CONNECTION = [
  'peerAddress',
  'peerPort',
  'localAddress',
  'localPort',
  'sni',
  'alpn',
  'tls',
  'certSha256',
  'attempts',
  'lookupUs',
];

/** What a call's last record says of it, or a connection's. */
export interface End {
  readonly outcome: FlatValue;
  readonly fields: Members;
}

/**
 * Makes the row of a call or connection; docs/formats/chain.md, "Assembly".
 *
 * @param end absent in phase `open`
 * @param last the call's last connection
 */
export function netRow(
  writer: Writer,
  source: WriterPackage | undefined,
  pending: Pending,
  phase: Phase,
  end: End | undefined,
  last?: OpenConn,
): NetDraft {
  const said = end === undefined ? pending.fields : overlaid(pending.fields, end.fields);
  const fields: Members = last === undefined ? { ...said } : { ...picked(last.fields, FROM_CONNECTION), ...said };
  if (pending.type === 'conn') fields['conn'] = pending.number;
  else {
    fields['call'] = pending.number;
    if (last !== undefined) fields['conn'] = last.number;
  }
  const skew = pending.drained - pending.time;
  if (Math.abs(skew) > SKEW_FROM) fields['skew'] = skew;
  if (source?.packageAuthor !== undefined) fields['packageAuthor'] = source.packageAuthor;
  if (end !== undefined) fields['outcome'] = end.outcome;
  return {
    ...fields,
    kind: 'net',
    time: pending.time,
    phase,
    app: writer.app,
    pid: writer.pid,
    thread: writer.thread,
    spool: pending.spool,
    spoolSeq: pending.spoolSeq,
  } as unknown as NetDraft;
}

/** The bytes of an ended connection that its calls do not account for, as the end of a row; `undefined` if there are none. */
export function unaccounted(conn: OpenConn): End | undefined {
  const out = rest(conn.fields['bytesOut'], conn.accountedOut);
  const inward = rest(conn.fields['bytesIn'], conn.accountedIn);
  if ((out ?? 0) === 0 && (inward ?? 0) === 0) return undefined;
  const fields: Members = {};
  if (out !== undefined) fields['bytesOut'] = out;
  if (inward !== undefined) fields['bytesIn'] = inward;
  return { outcome: 'ok', fields };
}

function rest(bytes: FlatValue | undefined, accounted: number): number | undefined {
  return typeof bytes === 'number' ? Math.max(0, bytes - accounted) : undefined;
}
