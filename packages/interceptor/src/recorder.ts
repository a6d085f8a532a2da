import type { Channel, ClaimRecord, ConnRecord, DoneRecord, OpenRecord } from '@outwitness/event';
import { Call } from './call.ts';
import type { MailProtocol } from './channels/mail-session.ts';
import type { Clock } from './clock.ts';
import { Connection } from './connection.ts';
import { Guards, type Point, type Watch } from './guard.ts';
import type { Http2Headers, Http2Stream, Socket } from './node.ts';
import { Patches } from './patches.ts';
import type { CallKey, Draft, Origin, Ports, Program, RedactedTarget, Target, ThreadStart } from './ports.ts';
import { Redirects } from './redirects.ts';
import { Scope } from './scope.ts';
import { plainlyHost, seal } from './seal.ts';
import { createStamp, type Stamp } from './stamp.ts';
import { countStream } from './stream-bytes.ts';

/** Hosts remembered with what is kept of them. */
const MOST_HOSTS = 2000;

/** How long a closed connection waits for the end of its calls. */
const LINGER_MS = 1000;

/**
 * What all channels share: the ports behind guards, the numbers of calls and connections, and the order of records: `open`, `conn`, `claim`, `done` of the calls, `done` of the connection.
 */
export class Recorder {
  readonly guards: Guards;
  readonly patches: Patches = new Patches();
  readonly scope: Scope = new Scope();
  readonly redirects: Redirects = new Redirects();
  readonly clock: Clock;
  readonly calls: Stamp<Call> = createStamp();
  readonly connections: Stamp<Connection> = createStamp();
  /** TLS sockets by the sockets below, where TLS was put on top before anything was connected. */
  readonly covered: Stamp<Socket> = createStamp();
  enabled = true;
  /** Has anybody loaded http2? Asked whenever a socket is about to connect. */
  http2Loaded: () => boolean = () => false;
  /** Told of every stream of HTTP/2, to see its end. */
  streamEnds: (stream: Http2Stream) => void = () => undefined;
  /** The call of undici for which it begins a stream with these header fields. */
  undiciCall: (connection: Connection, headers: Http2Headers) => Call | undefined = () => undefined;
  /** Handshakes of WebSockets by undici whose answer is awaited. */
  readonly handshakes: Set<Call> = new Set();
  /** The truth below could be put in place: a call without a connection made none. */
  complete = false;
  disabled: ReadonlySet<Channel> = new Set();
  /** How mail sessions are told from other connections, and what makes one of a connection. */
  readonly mail: MailProtocol[] = [];
  beginSession: ((connection: Connection) => void) | undefined = undefined;
  readonly #ports: Ports;
  readonly #attributor: Watch;
  readonly #redaction: Watch;
  readonly #sink: Watch;
  readonly #children: Watch;
  #calls = 0;
  #connections = 0;
  readonly #closing = new Set<Connection>();
  #swept = true;
  readonly #sweeping: () => void;
  readonly #hosts = new Map<string, string>();
  readonly #hostName = (host: string): string => this.#keepHost(host);

  constructor(ports: Ports, clock: Clock) {
    this.#ports = ports;
    this.clock = clock;
    this.guards = new Guards((point, error) => this.#fault(point, error));
    this.#attributor = this.guards.watch('port.attributor', () => undefined);
    this.#redaction = this.guards.watch('port.redaction', () => undefined);
    this.#sink = this.guards.watch('port.sink', () => undefined);
    this.#children = this.guards.watch('port.children', () => undefined);
    this.#sweeping = this.guards
      .listener(this.guards.watch('recorder.sweep', () => this.#sweepClosing()))
      .bind(undefined, undefined);
  }

  live(channel: Channel): boolean {
    return this.enabled && !this.disabled.has(channel);
  }

  // --- ports, each behind a guard of its own: a port that fails costs a field, never a record of another or the call itself

  capture(entry: Function | undefined, key?: CallKey): Origin {
    try {
      return this.#ports.attributor.capture(entry, key);
    } catch (error) {
      this.guards.fault(this.#attributor, error);
      return { basis: 'none' };
    }
  }

  /** Who lets a server listen right now. */
  captureListener(entry: Function): Origin {
    const { attributor } = this.#ports;
    if (attributor.listener === undefined) return this.capture(entry);
    try {
      return attributor.listener(entry);
    } catch (error) {
      this.guards.fault(this.#attributor, error);
      return { basis: 'none' };
    }
  }

  handledBy(request: object): Origin | undefined {
    try {
      return this.#ports.attributor.handledBy?.(request);
    } catch (error) {
      this.guards.fault(this.#attributor, error);
      return undefined;
    }
  }

  redactTarget(target: Target): RedactedTarget | undefined {
    try {
      return this.#ports.redaction.target(target);
    } catch (error) {
      this.guards.fault(this.#redaction, error);
      return undefined;
    }
  }

  headerNames(names: readonly string[]): string[] | undefined {
    try {
      return this.#ports.redaction.headerNames(names);
    } catch (error) {
      this.guards.fault(this.#redaction, error);
      return undefined;
    }
  }

  localPath(path: string): string | undefined {
    try {
      return this.#ports.redaction.localPath(path);
    } catch (error) {
      this.guards.fault(this.#redaction, error);
      return undefined;
    }
  }

  childEnvironment(program: Program): readonly string[] | undefined {
    try {
      return this.#ports.children?.environment(program);
    } catch (error) {
      this.guards.fault(this.#children, error);
      return undefined;
    }
  }

  threadStart(options: unknown): ThreadStart | undefined {
    try {
      return this.#ports.children?.thread(options);
    } catch (error) {
      this.guards.fault(this.#children, error);
      return undefined;
    }
  }

  /** What may be kept of the path of a file of code: the part inside its package. */
  fileName(file: string): string | undefined {
    const { attributor } = this.#ports;
    let inside = file.slice(file.lastIndexOf('/') + 1);
    try {
      inside = attributor.inside?.(file) ?? inside;
    } catch (error) {
      this.guards.fault(this.#attributor, error);
    }
    return this.localPath(inside);
  }

  processReplaced(): void {
    try {
      this.#ports.children?.replaced();
    } catch (error) {
      this.guards.fault(this.#children, error);
    }
  }

  processStays(): void {
    try {
      this.#ports.children?.stays();
    } catch (error) {
      this.guards.fault(this.#children, error);
    }
  }

  /** What of a host was kept before, as long as the policy is the same. */
  forgetHosts(): void {
    this.#hosts.clear();
  }

  #keepHost(host: string): string {
    const known = this.#hosts.get(host);
    if (known !== undefined) return known;
    let kept = plainlyHost(host);
    try {
      kept = this.#ports.redaction.hostName?.(kept) ?? kept;
    } catch (error) {
      this.guards.fault(this.#redaction, error);
    }
    if (this.#hosts.size >= MOST_HOSTS) this.#hosts.clear();
    this.#hosts.set(host, kept);
    return kept;
  }

  intent(record: Draft<OpenRecord> | Draft<ConnRecord> | Draft<ClaimRecord>): void {
    try {
      seal(record, this.#hostName);
      this.#ports.sink.intent(record);
    } catch (error) {
      this.guards.fault(this.#sink, error);
    }
  }

  record(record: Parameters<Ports['sink']['record']>[0]): void {
    try {
      seal(record, this.#hostName);
      this.#ports.sink.record(record);
    } catch (error) {
      this.guards.fault(this.#sink, error);
    }
  }

  // --- calls

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
      if (connection.attempted) this.announce(connection);
      return;
    }
    // A connection whose record is still to come (not attempted yet, or of a disabled channel) is told to be for this call.
    if (connection.id === 0 && connection.direction === 'out') {
      connection.forCall = call.id;
      if (connection.attempted) this.announce(connection);
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
    if (connection?.closed === true) this.#closeRecord(connection);
  }

  // --- connections

  newConnection(direction: 'in' | 'out', channel: Channel): Connection {
    return new Connection(direction, channel, this.clock.monotonic());
  }

  /** Writes the `conn` record, once: outbound before the first packet can leave. */
  announce(connection: Connection): void {
    if (connection.id !== 0) return;
    connection.id = ++this.#connections;
    const record: Draft<ConnRecord> = {
      kind: 'conn',
      time: this.clock.wall(),
      conn: connection.id,
      direction: connection.direction,
      channel: connection.channel,
    };
    if (connection.forCall !== undefined) record.for = connection.forCall;
    else {
      record.by = connection.by;
      if (connection.origin !== undefined) attribute(record, connection.origin);
    }
    if (connection.host !== undefined) record.host = connection.host;
    if (connection.port !== undefined) record.port = connection.port;
    if (connection.path !== undefined) record.path = connection.path;
    if (connection.direction === 'in') {
      if (connection.peerAddress !== undefined) record.peerAddress = connection.peerAddress;
      if (connection.peerPort !== undefined) record.peerPort = connection.peerPort;
      if (connection.localAddress !== undefined) record.localAddress = connection.localAddress;
      if (connection.localPort !== undefined) record.localPort = connection.localPort;
      this.record(record);
      return;
    }
    this.intent(record);
    for (const call of connection.awaitedBy)
      this.intent({ kind: 'claim', time: this.clock.wall(), call, conn: connection.id });
    connection.awaitedBy.length = 0;
  }

  /** The handle is being closed. The `done` record waits for the calls under way, which get their own end from their library. */
  closing(connection: Connection, bytesOut?: number, bytesIn?: number): void {
    if (connection.closed) return;
    connection.readLocalAddress();
    connection.close(this.clock.monotonic(), bytesOut, bytesIn);
    for (const call of connection.underWay()) {
      if (!call.tunnel && (connection.direction === 'out' || call.multiplexed)) continue;
      if (!call.tunnel) call.outcome ??= connection.outcome === 'ok' ? 'aborted' : connection.outcome;
      else call.outcome ??= connection.outcome;
      if (connection.error !== undefined) call.error ??= connection.error;
      this.finish(call);
    }
    this.#closeRecord(connection);
  }

  #closeRecord(connection: Connection): void {
    if (connection.id === 0 || connection.reported) return;
    if (connection.busy) {
      this.#closing.add(connection);
      this.#sweepLater();
      return;
    }
    this.#closing.delete(connection);
    connection.reported = true;
    this.record(connection.done(this.clock.wall()));
  }

  #sweepLater(): void {
    if (this.#swept) setTimeout(this.#sweeping, LINGER_MS).unref();
    this.#swept = false;
  }

  /** A call whose library never says that it ended (listeners removed by the application) ends with its connection. */
  #sweepClosing(): void {
    this.#swept = true;
    const limit = this.clock.monotonic() - LINGER_MS * 1000;
    for (const connection of this.#closing) {
      if (connection.closedAt > limit) {
        this.#sweepLater();
        continue;
      }
      for (const call of connection.underWay()) {
        call.outcome ??= connection.outcome === 'ok' ? 'aborted' : connection.outcome;
        this.finish(call);
      }
    }
  }

  /** Says of a guard that caught something its name and the kind of error, never its message: that may hold anything. */
  #fault(point: Point | Watch, error: unknown): void {
    if (!isPowerOfTen(point.faults) || point === this.#sink) return;
    const kind = error instanceof Error ? kindOf(error) : typeof error;
    this.record({
      kind: 'gap',
      time: this.clock.wall(),
      event: 'fault',
      text: `guard ${point.name} caught ${kind}`,
      missing: 0,
      count: point.faults === 1 ? 1 : point.faults - point.faults / 10,
    });
  }
}

/** An error that an application's getter threw has the name that the application gave it. */
function kindOf(error: Error): string {
  return ERRORS.find((known) => error instanceof known)?.name ?? 'Error';
}

const ERRORS = [TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError];

function isPowerOfTen(count: number): boolean {
  let rest = count;
  while (rest >= 10) rest /= 10;
  return rest === 1;
}

function attribute(record: Draft<OpenRecord> | Draft<ConnRecord> | Draft<DoneRecord>, origin: Origin): void {
  record.basis = origin.basis;
  if (origin.package !== undefined) record.package = origin.package;
  if (origin.packageVersion !== undefined) record.packageVersion = origin.packageVersion;
  if (origin.site !== undefined) record.site = origin.site;
  if (origin.via !== undefined) record.via = origin.via;
  if (origin.chain !== undefined) record.chain = origin.chain;
}
