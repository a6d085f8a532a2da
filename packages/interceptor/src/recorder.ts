import type { Channel, ClaimRecord, OpenRecord } from '@outwitness/event';
import { attribute } from './attribute.ts';
import { Call } from './call.ts';
import type { MailProtocol } from './channels/mail-session.ts';
import type { Clock } from './clock.ts';
import type { Connection } from './connection.ts';
import { ConnectionRecords } from './connection-records.ts';
import { Footing } from './footing.ts';
import { GuardedPorts } from './guarded-ports.ts';
import type { Http2Headers, Http2Stream, Socket } from './node.ts';
import { Patches } from './patches.ts';
import type { Draft, Origin, Ports } from './ports.ts';
import { Redirects } from './redirects.ts';
import { Scope } from './scope.ts';
import { createStamp, type Stamp } from './stamp.ts';
import { countStream } from './stream-bytes.ts';
import type { Unopened } from './unopened.ts';

/**
 * What all channels share: the ports behind guards, the state of the watcher, and the records of calls. The order of records is `open`, `conn`, `claim`, `done` of the calls, `done` of the connection.
 */
export class Recorder extends GuardedPorts {
  readonly patches: Patches = new Patches();
  readonly scope: Scope = new Scope();
  readonly footing: Footing = new Footing();
  readonly redirects: Redirects = new Redirects();
  readonly calls: Stamp<Call> = createStamp();
  readonly connections: Stamp<Connection> = createStamp();
  /** TLS sockets by the sockets below, where TLS was put on top before anything was connected. */
  readonly covered: Stamp<Socket> = createStamp();
  /** `owner_symbol` of Node: handle → its socket. */
  owner: symbol | undefined = undefined;
  enabled = true;
  /** Has anybody loaded http2? Asked whenever a socket is about to connect. */
  http2Loaded: () => boolean = () => false;
  /** Told of every stream of HTTP/2, to see its end. */
  streamEnds: (stream: Http2Stream) => void = () => undefined;
  /** Told of every inbound one, to see when it is answered. */
  streamAnswers: (stream: Http2Stream) => void = () => undefined;
  /** The call of undici for which it begins a stream with these header fields. */
  undiciCall: (connection: Connection, headers: Http2Headers) => Call | undefined = () => undefined;
  /** Handshakes of WebSockets by undici whose answer is awaited. */
  readonly handshakes: Set<Call> = new Set();
  /** The truth below could be put in place: a call without a connection made none. */
  complete = false;
  /** Tells connections whose beginning nobody saw. */
  unopened: Unopened | undefined = undefined;
  disabled: ReadonlySet<Channel> = new Set();
  /** How mail sessions are told from other connections, and what makes one of a connection. */
  readonly mail: MailProtocol[] = [];
  beginSession: ((connection: Connection) => void) | undefined = undefined;
  readonly connectionRecords: ConnectionRecords;
  #calls = 0;

  constructor(ports: Ports, clock: Clock) {
    super(ports, clock);
    this.connectionRecords = new ConnectionRecords(this);
  }

  live(channel: Channel): boolean {
    return this.enabled && !this.disabled.has(channel);
  }

  /** Tells whoever reads the record that somebody reached for what the watcher stands on. */
  changed(text: string): void {
    this.record({ kind: 'hook', time: this.clock.wall(), event: 'changed', text });
  }

  newCall(channel: Channel, direction: 'in' | 'out'): Call {
    return new Call(++this.#calls, channel, direction, this.clock.monotonic());
  }

  /** The `open` record, without a destination. */
  openOf(call: Call, origin: Origin | undefined): Draft<OpenRecord> {
    const open: Draft<OpenRecord> = {
      kind: 'open',
      time: this.clock.wall(),
      call: call.id,
      direction: call.direction,
      channel: call.channel,
    };
    if (origin !== undefined) attribute(open, origin);
    return open;
  }

  /** The call uses the connection from now on. */
  claim(call: Call, connection: Connection): void {
    if (connection.closed || call.finished) return;
    const first = !connection.claimed;
    connection.claimed = true;
    if (call.host !== undefined && connection.host !== undefined && call.proxy === undefined) {
      if (connection.host !== call.host || connection.port !== call.port)
        call.proxy = `${connection.host}:${connection.port}`;
    }
    connection.assign(call);
    if (connection.id === 0 && call.multiplexed && connection.direction === 'out') {
      // More calls may come before it is attempted: all of them claim it then.
      if (connection.by === 'raw') connection.by = 'http2';
      connection.awaitedBy.push(call.id);
      if (connection.attempted) this.connectionRecords.announce(connection);
      return;
    }
    // A connection whose record is still to come (not attempted yet, or of a disabled channel) is told to be for this call.
    if (connection.id === 0 && connection.direction === 'out') {
      connection.forCall = call.id;
      if (connection.attempted) this.connectionRecords.announce(connection);
    }
    if (connection.forCall === call.id || connection.id === 0) return;
    const claim: Draft<ClaimRecord> = { kind: 'claim', time: this.clock.wall(), call: call.id, conn: connection.id };
    // Lost between here and the bytes, a first claim would leave two rows of one call; a later one nothing.
    if (first && connection.direction === 'out') this.intent(claim);
    else this.record(claim);
  }

  /** The end of a call; the second and later ones are ignored. */
  finish(call: Call): void {
    if (call.finished) return;
    countStream(call);
    call.stream = undefined;
    call.finished = true;
    this.handshakes.delete(call);
    const connection = call.connection;
    connection?.release(call);
    const done = call.done(this.clock.wall(), this.clock.monotonic(), this.complete);
    if (call.handledBy !== undefined) attribute(done, call.handledBy);
    this.record(done);
    if (connection?.closed === true) this.connectionRecords.settle(connection);
  }
}
