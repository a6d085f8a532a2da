import type * as dcModule from 'node:diagnostics_channel';
import type * as httpModule from 'node:http';
import type * as netModule from 'node:net';
import type * as utilModule from 'node:util';

/**
 * The parts of Node the watcher stands on. They are fetched by `process.getBuiltinModule`: an ESM `import` of `node:http` reads every getter of its exports and loads the whole of undici from Node 22 on (see discoveries/loading.md).
 */
export const dc: typeof dcModule = process.getBuiltinModule('node:diagnostics_channel');
export const net: typeof netModule = process.getBuiltinModule('node:net');
export const http: typeof httpModule = process.getBuiltinModule('node:http');
export const util: typeof utilModule = process.getBuiltinModule('node:util');

/** A libuv handle as lib/net.js and lib/dns.js use it. Never held. */
export interface Handle {
  readonly fd?: number;
  readonly bytesRead?: number;
  readonly bytesWritten?: number;
  onconnection?: Function;
  getpeername?(out: Address): number;
  getsockname?(out: Address): number;
  getServers?(): [string, number][];
}

/** What getpeername and getsockname fill in. */
export interface Address {
  address?: string;
  port?: number;
}

/** A net.Socket with the members that lib/net.js and lib/tls keep on it. */
export interface Socket {
  readonly destroyed: boolean;
  readonly connecting: boolean;
  readonly encrypted?: boolean;
  readonly errored?: NodeError | null;
  readonly bytesRead: number;
  /** Bytes handed to the handle, without what still waits in the stream. */
  readonly _bytesDispatched: number;
  readonly _parent?: Socket | null;
  readonly remoteAddress?: string;
  readonly remotePort?: number;
  readonly localAddress?: string;
  readonly localPort?: number;
}

/** A session of lib/internal/http2/core.js. */
export interface Http2Session {
  /** `h2` or `h2c`; absent until it is connected. */
  readonly alpnProtocol?: string;
}

/** A stream of such a session, of either side. */
export interface Http2Stream {
  /** Absent until the session is connected; even if the server began the stream. */
  readonly id?: number;
  /** Absent once the stream is destroyed. */
  readonly session?: Http2Session;
  readonly destroyed: boolean;
  readonly closed: boolean;
  readonly rstCode: number;
  readonly readableEnded: boolean;
  readonly writableEnded: boolean;
  readonly errored?: NodeError | null;
  readonly sentHeaders?: Http2Headers;
  readonly sentTrailers?: Http2Headers;
}

export interface Http2Headers {
  readonly [name: string]: unknown;
}

/** An error as Node makes them. */
export interface NodeError extends Error {
  code?: string;
  syscall?: string;
}
