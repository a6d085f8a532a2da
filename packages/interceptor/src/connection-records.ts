import type { Channel, ConnRecord } from '@outwitness/event';
import { attribute } from './attribute.ts';
import { Connection } from './connection.ts';
import type { Draft } from './ports.ts';
import type { Recorder } from './recorder.ts';

/** How long a closed connection waits for the end of its calls. */
const LINGER_MS = 1000;

/** Bytes out and in. */
export type Passed = () => readonly [number, number];

/** What is written of connections: `conn` before anything leaves, `done` when the connection is closed and its calls have ended. */
export class ConnectionRecords {
  readonly #recorder: Recorder;
  #connections = 0;
  readonly #closing = new Set<Connection>();
  /** Those with a handle of the system whose close will be seen, with what has passed where no socket counts it. */
  readonly #live = new Map<Connection, Passed | undefined>();
  #swept = true;
  readonly #sweeping: () => void;

  constructor(recorder: Recorder) {
    this.#recorder = recorder;
    const { guards } = recorder;
    this.#sweeping = guards
      .listener(guards.watch('recorder.sweep', () => this.#sweepClosing()))
      .bind(undefined, undefined);
  }

  create(direction: 'in' | 'out', channel: Channel): Connection {
    return new Connection(direction, channel, this.#recorder.clock.monotonic());
  }

  /** Writes the `conn` record, once: outbound before the first packet can leave. */
  announce(connection: Connection): void {
    if (connection.id !== 0) return;
    connection.id = ++this.#connections;
    const record: Draft<ConnRecord> = {
      kind: 'conn',
      time: this.#recorder.clock.wall(),
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
      this.#recorder.record(record);
      return;
    }
    this.#recorder.intent(record);
    for (const call of connection.awaitedBy)
      this.#recorder.intent({ kind: 'claim', time: this.#recorder.clock.wall(), call, conn: connection.id });
    connection.awaitedBy.length = 0;
  }

  /** A handle of the system stands behind the connection: it ends by `closing`, or with the process. */
  live(connection: Connection, passed?: Passed): void {
    this.#live.set(connection, passed);
  }

  /** The process ends, and with it every connection and the calls on it: what has passed until now is all. */
  endAll(): void {
    for (const [connection, passed] of this.#live) {
      connection.outcome = 'aborted';
      const [out, in_] = passed?.() ?? [];
      this.closing(connection, out, in_);
      for (const call of connection.underWay()) {
        call.outcome ??= 'aborted';
        this.#recorder.finish(call);
      }
    }
  }

  /** The handle is being closed. The `done` record waits for the calls under way, which get their own end from their library. */
  closing(connection: Connection, bytesOut?: number, bytesIn?: number): void {
    this.#live.delete(connection);
    if (connection.closed) return;
    connection.readLocalAddress();
    connection.close(this.#recorder.clock.monotonic(), bytesOut, bytesIn);
    for (const call of connection.underWay()) {
      if (!call.tunnel && (connection.direction === 'out' || call.multiplexed)) continue;
      if (!call.tunnel) call.outcome ??= connection.outcome === 'ok' ? 'aborted' : connection.outcome;
      else call.outcome ??= connection.outcome;
      if (connection.error !== undefined) call.error ??= connection.error;
      this.#recorder.finish(call);
    }
    this.settle(connection);
  }

  /** Writes the `done` record of a closed connection, as soon as its calls have ended. */
  settle(connection: Connection): void {
    if (connection.id === 0 || connection.reported) return;
    if (connection.busy) {
      this.#closing.add(connection);
      this.#sweepLater();
      return;
    }
    this.#closing.delete(connection);
    connection.reported = true;
    this.#recorder.record(connection.done(this.#recorder.clock.wall()));
  }

  #sweepLater(): void {
    if (this.#swept) setTimeout(this.#sweeping, LINGER_MS).unref();
    this.#swept = false;
  }

  /** A call whose library never says that it ended (listeners removed by the application) ends with its connection. */
  #sweepClosing(): void {
    this.#swept = true;
    const limit = this.#recorder.clock.monotonic() - LINGER_MS * 1000;
    for (const connection of this.#closing) {
      if (connection.closedAt > limit) {
        this.#sweepLater();
        continue;
      }
      for (const call of connection.underWay()) {
        call.outcome ??= connection.outcome === 'ok' ? 'aborted' : connection.outcome;
        this.#recorder.finish(call);
      }
    }
  }
}
