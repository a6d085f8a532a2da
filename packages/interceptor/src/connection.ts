import type { Channel, ConnectionOwner, DoneRecord, Outcome } from '@outwitness/event';
import type { Call } from './call.ts';
import type { Socket } from './node.ts';
import type { Draft, Origin } from './ports.ts';

/** Most bytes in one direction that an HTTP/2 session sends for itself: preface, SETTINGS, PING, GOAWAY. */
const SESSION_BYTES = 4096;
/** And for each stream: frame heads, WINDOW_UPDATE, RST_STREAM, trailers, what packing adds. */
const STREAM_BYTES = 512;

/**
 * One connection from the attempt to its close, and the account of its bytes: every byte goes to the call that is under way, and to nobody if there is none. So the calls of a connection add up to its bytes unless somebody wrote behind their back.
 */
export class Connection {
  /** 0 until the record is written. */
  id = 0;
  readonly direction: 'in' | 'out';
  channel: Channel;
  host: string | undefined = undefined;
  port: number | undefined = undefined;
  path: string | undefined = undefined;
  /** Number of the call it is made for, else `by` says who made it. */
  forCall: number | undefined = undefined;
  by: ConnectionOwner = 'raw';
  origin: Origin | undefined = undefined;
  /** Numbers of calls that claim it as soon as its record is written. */
  readonly awaitedBy: number[] = [];
  readonly opened: number;

  connected = false;
  peerAddress: string | undefined = undefined;
  peerPort: number | undefined = undefined;
  localAddress: string | undefined = undefined;
  localPort: number | undefined = undefined;
  attempt: Attempt | undefined = undefined;
  attempts: string[] | undefined = undefined;
  lookupUs = -1;
  tls: string | undefined = undefined;
  alpn: string | undefined = undefined;
  sni: string | undefined = undefined;
  certSha256: string | undefined = undefined;

  /** The socket at whose layer bytes are counted: the TLS socket if there is one. Dropped at close. */
  socket: Socket | undefined = undefined;
  /** What had passed below when TLS was put on top of a used socket, and what had passed when the watcher first saw it. */
  #baseOut = 0;
  #baseIn = 0;
  #markOut = 0;
  #markIn = 0;
  #out = 0;
  #in = 0;
  /** The call whose request is being sent, and the one whose answer is awaited; the same unless requests are pipelined. */
  #writer: Call | undefined = undefined;
  #reader: Call | undefined = undefined;
  #queue: Call[] | undefined = undefined;
  #tunnel: Call | undefined = undefined;
  /** Calls that have a stream of their own. */
  readonly #streams = new Set<Call>();
  #streamed = 0;
  /** What the calls that ended account for. */
  #accountedOut = 0;
  #accountedIn = 0;
  /** Told before anybody else uses the connection or it ends: whether a tunnel was agreed on may be known only by then. */
  handOver: (() => void) | undefined = undefined;
  /** A look-up or an attempt was made. */
  attempted = false;
  claimed = false;
  closed = false;
  /** Its `done` record is written. */
  reported = false;
  outcome: Outcome = 'ok';
  error: string | undefined = undefined;
  closedAt = 0;

  constructor(direction: 'in' | 'out', channel: Channel, opened: number) {
    this.direction = direction;
    this.channel = channel;
    this.opened = opened;
  }

  get bytesOut(): number {
    return this.closed || this.socket === undefined ? this.#out : this.#baseOut + this.socket._bytesDispatched;
  }

  get bytesIn(): number {
    return this.closed || this.socket === undefined ? this.#in : this.#baseIn + this.socket.bytesRead;
  }

  get busy(): boolean {
    return this.#reader !== undefined || this.#streams.size > 0;
  }

  /** Counts from here on: the socket is older than the watcher. */
  startAt(socket: Socket): void {
    this.socket = socket;
    this.#baseOut = -socket._bytesDispatched;
    this.#baseIn = -socket.bytesRead;
  }

  /** TLS begins on the socket: bytes are counted above it from now on. */
  coverBy(secure: Socket): void {
    this.#handOver();
    this.#baseOut = this.bytesOut;
    this.#baseIn = this.bytesIn;
    this.socket = secure;
  }

  assign(call: Call): void {
    this.#handOver();
    this.#settle();
    call.connection = this;
    if (call.multiplexed) {
      this.#streamed++;
      this.#streams.add(call);
      return;
    }
    if (call.tunnel) {
      this.#tunnel = call;
      return;
    }
    if (this.direction === 'out') this.#writer = call;
    if (this.#reader === undefined) this.#reader = call;
    else (this.#queue ??= []).push(call);
    if (this.direction === 'in') this.#writer = this.#reader;
  }

  /** The first call of a connection that was made for it takes what passed before it was known to be its own. */
  creditEarlier(call: Call): void {
    call.bytesOut += this.#markOut;
    call.bytesIn += this.#markIn;
  }

  /** The call takes no further part, or keeps the connection for itself if it is a tunnel. */
  release(call: Call): void {
    this.#settle();
    if (call.finished) {
      this.#accountedOut += call.bytesOut;
      this.#accountedIn += call.bytesIn;
    }
    if (this.#streams.delete(call)) {
      // The tunnel was given every byte so far.
      if (this.#tunnel !== undefined) {
        this.#tunnel.bytesOut = Math.max(0, this.#tunnel.bytesOut - call.bytesOut);
        this.#tunnel.bytesIn = Math.max(0, this.#tunnel.bytesIn - call.bytesIn);
      }
      return;
    }
    if (this.#reader === call) this.#reader = this.#queue?.shift();
    else if (this.#queue !== undefined) this.#queue = this.#queue.filter((queued) => queued !== call);
    if (this.direction === 'in') this.#writer = this.#reader;
    else if (this.#writer === call) this.#writer = undefined;
    if (call.tunnel && !call.finished) this.#tunnel = call;
    else if (this.#tunnel === call) this.#tunnel = undefined;
  }

  /** Freezes the counts. `out` and `in` are given for a handle that no socket owns. */
  close(now: number, bytesOut?: number, bytesIn?: number): void {
    this.#handOver();
    this.#settle();
    const out = bytesOut ?? this.bytesOut;
    const in_ = bytesIn ?? this.bytesIn;
    this.#out = Math.max(0, out);
    this.#in = Math.max(0, in_);
    this.closed = true;
    this.closedAt = now;
    this.socket = undefined;
  }

  /** Calls still under way, the oldest first, a tunnel included. */
  underWay(): Call[] {
    const calls: Call[] = [];
    if (this.#tunnel !== undefined) calls.push(this.#tunnel);
    if (this.#reader !== undefined) calls.push(this.#reader, ...(this.#queue ?? []));
    calls.push(...this.#streams);
    return calls;
  }

  #handOver(): void {
    const told = this.handOver;
    this.handOver = undefined;
    told?.();
  }

  #settle(): void {
    const out = this.bytesOut;
    const in_ = this.bytesIn;
    const writer = this.#writer ?? this.#tunnel;
    const reader = this.#reader ?? this.#tunnel;
    if (writer !== undefined) writer.bytesOut += out - this.#markOut;
    if (reader !== undefined) reader.bytesIn += in_ - this.#markIn;
    this.#markOut = out;
    // An inbound request is known only after its first bytes were read: they wait for it.
    if (reader !== undefined || this.direction === 'out') this.#markIn = in_;
  }

  /** Asks the socket for its own address, once, while it still can tell. */
  readLocalAddress(): void {
    if (this.localAddress === undefined && this.connected && this.socket !== undefined && this.path === undefined)
      this.readLocalAddressOf(this.socket);
  }

  readLocalAddressOf(socket: Socket): void {
    const { localAddress, localPort } = socket;
    this.localAddress = localAddress;
    this.localPort = localPort;
  }

  /** Adds what is known about the connection to a `done` record of it or of one of its calls. */
  describe(done: Draft<DoneRecord>, withTls = true): void {
    this.readLocalAddress();
    if (this.peerAddress !== undefined) done.peerAddress = this.peerAddress;
    if (this.peerPort !== undefined) done.peerPort = this.peerPort;
    if (this.localAddress !== undefined) done.localAddress = this.localAddress;
    if (this.localPort !== undefined) done.localPort = this.localPort;
    // TLS inside a tunnel is a matter of the calls that use the tunnel.
    if (!withTls) return;
    if (this.tls !== undefined) done.tls = this.tls;
    if (this.alpn !== undefined) done.alpn = this.alpn;
    if (this.sni !== undefined) done.sni = this.sni;
    if (this.certSha256 !== undefined) done.certSha256 = this.certSha256;
  }

  /**
   * A session of HTTP/2 sends frames of its own, and header fields are packed: that is no row as long as it is little. Much of it is (a ping carries 8 bytes of anybody's choice).
   */
  #atTheLayerOfCalls(bytes: number, accounted: number): number {
    if (this.#streamed === 0) return bytes;
    const little = SESSION_BYTES + STREAM_BYTES * this.#streamed + Math.floor((this.#out + this.#in) / 64);
    return bytes - accounted > little ? bytes : accounted;
  }

  /** The `done` record of the closed connection. */
  done(time: number): Draft<DoneRecord> {
    const done: Draft<DoneRecord> = {
      kind: 'done',
      time,
      conn: this.id,
      outcome: this.outcome,
      bytesOut: this.#atTheLayerOfCalls(this.#out, this.#accountedOut),
      bytesIn: this.#atTheLayerOfCalls(this.#in, this.#accountedIn),
      bytesBasis:
        this.#streamed > 0
          ? 'stream'
          : this.channel === 'udp'
            ? 'datagram'
            : this.tls !== undefined || this.by !== 'raw' || this.forCall !== undefined
              ? 'plaintext'
              : 'transport',
      durationUs: Math.max(0, this.closedAt - this.opened),
    };
    if (this.error !== undefined) done.error = this.error;
    if (this.lookupUs >= 0) done.lookupUs = this.lookupUs;
    if (this.attempts !== undefined) done.attempts = this.attempts;
    this.describe(done);
    return done;
  }
}

/** One try at one address. */
export interface Attempt {
  readonly connection: Connection;
  readonly address: string;
  readonly port: number | undefined;
  settled: boolean;
}
