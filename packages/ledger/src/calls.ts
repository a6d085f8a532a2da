import {
  clean,
  type ClaimRecord,
  type ConnRecord,
  type DoneRecord,
  type NetDraft,
  type OpenRecord,
  type Phase,
} from '@outwitness/event';
import { type Members, netFields, overlaid, without } from './cleaning.ts';
import { DueQueue } from './due-queue.ts';
import { type End, netRow, unaccounted } from './net-row.ts';
import { byNumber, heirs } from './heirs.ts';
import { type OpenCall, type OpenConn, openedCall, openedConn, type Pending } from './pending.ts';
import type { StateTable } from './state-table.ts';
import type { Writer, WriterPackage } from './writer-state.ts';

/** µs after which an open call or connection gets its row of phase `open`. */
const OPEN_AFTER = 30_000_000;
/** Most calls and connections that one writer may hold open. One more gets its row of phase `open` at once and is forgotten. */
const MOST_OPEN = 200_000;
/** Most ended calls that wait in the queue for the time at which they would have fallen due. */
const MOST_STALE = 100_000;
/** Most connections that one call is tied to; a further one becomes its last, but accounts for nothing. */
const MOST_CONNS = 64;

/** Who is responsible, as records say it. */
const ATTRIBUTION: ReadonlySet<string> = new Set(['package', 'packageVersion', 'site', 'via', 'chain', 'basis']);

/** What the assembly of calls needs from around it. */
export interface CallSurroundings {
  readonly pending: StateTable<Pending>;
  writer(name: string): Writer | undefined;
  source(writer: Writer, fields: Members): WriterPackage | undefined;
  row(draft: NetDraft, source: WriterPackage | undefined): void;
}

/** Open calls and connections, and the rows they become: rules 1 to 8 of docs/formats/chain.md, "Assembly". */
export class Calls {
  readonly #around: CallSurroundings;
  readonly #due = new DueQueue();

  constructor(around: CallSurroundings) {
    this.#around = around;
    for (const pending of around.pending.values()) this.#restore(pending);
    for (const pending of around.pending.values()) {
      if (pending.type === 'call')
        for (const number of pending.conns) this.#conn(pending.writer, number)?.calls.add(pending.number);
    }
  }

  open(writer: Writer, spool: string, record: OpenRecord, now: number): void {
    if (!writer.callNumbers.add(record.call)) return dropped(writer);
    const call = openedCall(writer.name, spool, record, now);
    if (!this.#keep(writer, call)) return;
    writer.calls.set(call.number, call);
    if (record.conn !== undefined) this.#tie(writer, call, record.conn);
  }

  conn(writer: Writer, spool: string, record: ConnRecord, now: number): void {
    if (!writer.connNumbers.add(record.conn)) return dropped(writer);
    // A call number that was never used is no claim: the connection must not vanish behind it.
    const tied = record.for !== undefined && record.for <= writer.callNumbers.greatest;
    const conn = openedConn(writer.name, spool, record, now, tied);
    if (!this.#keep(writer, conn)) return;
    writer.conns.set(conn.number, conn);
    const call = record.for === undefined ? undefined : writer.calls.get(record.for);
    if (call !== undefined) this.#tie(writer, call, conn.number);
    else if (record.for !== undefined && !tied) dropped(writer);
  }

  claim(writer: Writer, record: ClaimRecord): void {
    const call = writer.calls.get(record.call);
    if (call === undefined) {
      // The call may have ended before its claim was written: the connection still was not its own.
      const conn = writer.conns.get(record.conn);
      if (conn === undefined || record.call > writer.callNumbers.greatest) return dropped(writer);
      conn.tied = true;
      this.#around.pending.touch(conn.key);
    } else this.#tie(writer, call, record.conn);
  }

  done(writer: Writer, record: DoneRecord): void {
    const end: End = { outcome: clean(record.outcome, 8), fields: netFields(record) };
    if (record.call !== undefined) {
      const call = writer.calls.get(record.call);
      if (call === undefined) dropped(writer);
      else this.#endCall(writer, call, end);
    } else {
      const conn = writer.conns.get(record.conn ?? -1);
      if (conn === undefined || conn.ended) dropped(writer);
      else this.#endConn(writer, conn, end);
    }
  }

  /** Rule 3, 5 and 6: rows of phase `open`. */
  due(now: number): void {
    for (const key of this.#around.pending.unstored()) this.#await(this.#around.pending.get(key));
    const { pending: table } = this.#around;
    if (this.#due.size > 2 * table.size + MOST_STALE) this.#due.keep((key) => table.get(key) !== undefined);
    for (const key of this.#due.take(now)) {
      const pending = this.#around.pending.get(key);
      const writer = pending === undefined ? undefined : this.#around.writer(pending.writer);
      if (pending === undefined || writer === undefined || pending.opened || (pending.type === 'conn' && pending.tied))
        continue;
      this.#row(writer, pending, 'open', undefined);
      pending.opened = true;
      this.#around.pending.touch(key);
    }
  }

  /** Rule 7: nothing more will come from this writer. */
  end(writer: Writer, outcome: 'lost' | 'aborted'): void {
    for (const [call, conn] of heirs(byNumber(writer.calls), byNumber(writer.conns)))
      this.#tie(writer, call, conn.number);
    for (const call of byNumber(writer.calls)) this.#endCall(writer, call, { outcome, fields: {} });
    for (const conn of byNumber(writer.conns)) {
      if (conn.tied) this.#forget(writer, conn);
      else this.#endConn(writer, conn, { outcome, fields: {} });
    }
  }

  #endCall(writer: Writer, call: OpenCall, said: End): void {
    let end = said;
    if (call.fields['direction'] !== 'in') end = { ...said, fields: without(said.fields, ATTRIBUTION) };
    else if (said.fields['package'] !== undefined) call.fields = without(call.fields, ATTRIBUTION);
    this.#row(writer, call, call.opened ? 'end' : 'whole', end);
    this.#forget(writer, call);
    for (const number of call.conns) {
      const conn = writer.conns.get(number);
      if (conn === undefined) continue;
      conn.accountedOut += (end.fields['bytesOut'] as number | undefined) ?? 0;
      conn.accountedIn += (end.fields['bytesIn'] as number | undefined) ?? 0;
      conn.calls.delete(call.number);
      this.#around.pending.touch(conn.key);
      this.#settle(writer, conn);
    }
  }

  #endConn(writer: Writer, conn: OpenConn, end: End): void {
    if (conn.tied) {
      conn.fields = overlaid(conn.fields, end.fields);
      conn.ended = true;
      this.#around.pending.touch(conn.key);
      return this.#settle(writer, conn);
    }
    this.#row(writer, conn, conn.opened ? 'end' : 'whole', end);
    this.#forget(writer, conn);
  }

  /** Rule 4, as soon as the connection and all its calls have ended. */
  #settle(writer: Writer, conn: OpenConn): void {
    if (!conn.ended || conn.calls.size > 0) return;
    const rest = unaccounted(conn);
    if (rest !== undefined) this.#row(writer, conn, 'whole', rest);
    this.#forget(writer, conn);
  }

  #tie(writer: Writer, call: OpenCall, number: number): void {
    const conn = writer.conns.get(number);
    if (conn === undefined) return dropped(writer);
    conn.tied = true;
    const at = call.conns.indexOf(number);
    if (at >= 0) call.conns.splice(at, 1);
    else if (call.conns.length === MOST_CONNS) {
      const [first] = call.conns.splice(0, 1);
      const released = writer.conns.get(first ?? -1);
      if (released !== undefined) this.#release(writer, released, call.number);
    }
    call.conns.push(number);
    conn.calls.add(call.number);
    this.#around.pending.touch(call.key);
    this.#around.pending.touch(conn.key);
  }

  #release(writer: Writer, conn: OpenConn, call: number): void {
    conn.calls.delete(call);
    this.#settle(writer, conn);
  }

  #row(writer: Writer, pending: Pending, phase: Phase, end: End | undefined): void {
    const fields = end?.fields['package'] === undefined ? pending.fields : end.fields;
    const source = this.#around.source(writer, fields);
    const last = pending.type === 'call' ? writer.conns.get(pending.conns.at(-1) ?? -1) : undefined;
    this.#around.row(netRow(writer, source, pending, phase, end, last), source);
  }

  /** @returns false if the writer holds too many: then the row of phase `open` is written at once */
  #keep(writer: Writer, pending: Pending): boolean {
    if (writer.calls.size + writer.conns.size < MOST_OPEN) {
      this.#around.pending.set(pending.key, pending);
      return true;
    }
    this.#row(writer, pending, 'open', undefined);
    dropped(writer);
    return false;
  }

  #forget(writer: Writer, pending: Pending): void {
    if (pending.type === 'call') writer.calls.delete(pending.number);
    else writer.conns.delete(pending.number);
    this.#around.pending.delete(pending.key);
  }

  #restore(pending: Pending): void {
    const writer = this.#around.writer(pending.writer);
    if (pending.type === 'call') writer?.calls.set(pending.number, pending);
    else writer?.conns.set(pending.number, pending);
    this.#await(pending);
  }

  #await(pending: Pending | undefined): void {
    if (pending === undefined || pending.opened) return;
    this.#due.add(Math.max(pending.drained, pending.time) + OPEN_AFTER, pending.key);
  }

  #conn(writer: string, number: number): OpenConn | undefined {
    return this.#around.writer(writer)?.conns.get(number);
  }
}

function dropped(writer: Writer): void {
  writer.dropped++;
}
