import type { OpenCall, OpenConn, Pending } from './pending.ts';

/** What a writer holds open, in the order in which it was opened. */
export function byNumber<T extends Pending>(open: ReadonlyMap<number, T>): T[] {
  return [...open.values()].toSorted((a, b) => a.number - b.number);
}

/**
 * Rule 7, first step: each unclaimed connection of a client library goes to the oldest open call with the same host and
 * port that has none. The claim was on its way when the writer died.
 */
export function heirs(calls: readonly OpenCall[], conns: readonly OpenConn[]): [OpenCall, OpenConn][] {
  const bare = calls.filter((call) => call.conns.length === 0);
  const pairs: [OpenCall, OpenConn][] = [];
  for (const conn of conns) {
    const { host, port } = conn.fields;
    if (conn.tied || conn.raw || host === undefined) continue;
    const at = bare.findIndex((call) => call.fields['host'] === host && call.fields['port'] === port);
    const [call] = at < 0 ? [] : bare.splice(at, 1);
    if (call !== undefined) pairs.push([call, conn]);
  }
  return pairs;
}
