import type { Channel, DoneRecord, Outcome } from '@outwitness/event';
import type { Queue } from './channels/undici-waiting.ts';
import type { Connection } from './connection.ts';
import type { Http2Stream } from './node.ts';
import type { Draft, Origin } from './ports.ts';

/** Channels whose calls never have a connection. */
const ALONE: ReadonlySet<Channel> = new Set(['dns', 'process', 'worker', 'native']);

/** Channels whose calls are whole connections, TLS that begins later included. */
const SESSIONS: ReadonlySet<Channel> = new Set(['smtp', 'imap', 'pop3']);

/** One call from open to done. One fixed shape, filled in as things become known. */
export class Call {
  readonly id: number;
  readonly channel: Channel;
  readonly direction: 'in' | 'out';
  readonly opened: number;
  /** The target as asked, to tell a proxy by comparison with the connection; absent for a CONNECT, which asks the proxy itself. */
  host: string | undefined = undefined;
  port: number | undefined = undefined;
  /** Who made it, if a later call may have to inherit that. */
  origin: Origin | undefined = undefined;
  /** Who took an inbound call in hand, where that is known better than by who listens. */
  handledBy: Origin | undefined = undefined;
  connection: Connection | undefined = undefined;
  /** What was connected while its agent chose a connection, used or not: a stream of another make may stand between. */
  made: Connection | undefined = undefined;
  /** undici: where it waits for a connection. */
  queue: Queue | undefined = undefined;
  bytesOut = 0;
  bytesIn = 0;
  status = 0;
  protocol: string | undefined = undefined;
  /** What its stream is to carry once the peer agrees (RFC 8441). */
  upgrade: string | undefined = undefined;
  proxy: string | undefined = undefined;
  /** Monotonic time of the first byte of the answer, 0 = none yet. */
  answered = 0;
  outcome: Outcome | undefined = undefined;
  error: string | undefined = undefined;
  requestHeaders: string[] | undefined = undefined;
  responseHeaders: string[] | undefined = undefined;
  /** CONNECT or an accepted upgrade: the connection belongs to the call until it closes. */
  tunnel = false;
  /** One of many at a time on its connection (HTTP/2): its bytes are counted at its stream. */
  multiplexed = false;
  /** That stream, until it is destroyed or the call ends. */
  stream: Http2Stream | undefined = undefined;
  /** Bytes of header fields on that stream; of an inbound call without those of the answer. */
  fieldsOut = 0;
  fieldsIn = 0;
  finished = false;

  constructor(id: number, channel: Channel, direction: 'in' | 'out', opened: number) {
    this.id = id;
    this.channel = channel;
    this.direction = direction;
    this.opened = opened;
  }

  /**
   * The `done` record of the call.
   *
   * @param complete are all connections seen here? Else a call without one may have left the process
   */
  done(time: number, monotonic: number, complete: boolean): Draft<DoneRecord> {
    const connection = this.connection;
    const outcome = this.outcome ?? 'ok';
    // Without a look-up and a connection nothing left the process: a mock or a cache answered.
    const local =
      outcome === 'ok' &&
      connection === undefined &&
      this.made?.attempted !== true &&
      !ALONE.has(this.channel) &&
      this.direction === 'out' &&
      complete;
    const done: Draft<DoneRecord> = {
      kind: 'done',
      time,
      call: this.id,
      outcome: local ? 'local' : outcome,
      durationUs: Math.max(0, monotonic - this.opened),
    };
    if (this.error !== undefined) done.error = this.error;
    if (this.status > 0) done.status = this.status;
    if (this.protocol !== undefined) done.protocol = this.protocol;
    if (this.answered > 0) done.ttfbUs = Math.max(0, this.answered - this.opened);
    if (this.requestHeaders !== undefined) done.requestHeaders = this.requestHeaders;
    if (this.responseHeaders !== undefined) done.responseHeaders = this.responseHeaders;
    if (this.proxy !== undefined) done.proxy = this.proxy;
    if (connection !== undefined) {
      done.bytesOut = this.bytesOut;
      done.bytesIn = this.bytesIn;
      done.bytesBasis = this.multiplexed ? 'stream' : 'plaintext';
      const session = SESSIONS.has(this.channel);
      if (session && connection.lookupUs >= 0) done.lookupUs = connection.lookupUs;
      if (session && connection.attempts !== undefined) done.attempts = connection.attempts;
      connection.describe(done, !this.tunnel || session || connection.channel === 'tls');
    }
    return done;
  }
}
