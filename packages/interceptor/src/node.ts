/**
 * The parts of Node the watcher stands on. They are fetched by `process.getBuiltinModule`: an ESM `import` of `node:http` reads every getter of its exports and loads the whole of undici from Node 22 on (see discoveries/loading.md).
 */
export const dc: typeof import('node:diagnostics_channel') = process.getBuiltinModule('node:diagnostics_channel');
export const net: typeof import('node:net') = process.getBuiltinModule('node:net');
export const http: typeof import('node:http') = process.getBuiltinModule('node:http');
export const util: typeof import('node:util') = process.getBuiltinModule('node:util');

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

/** An error as Node makes them. */
export interface NodeError extends Error {
  code?: string;
  syscall?: string;
}

interface Internals {
  tcp: { TCP: { prototype: object } };
  pipe: { Pipe: { prototype: object } };
  cares: { ChannelWrap: { prototype: object } } & object;
  tls: object;
}

/**
 * Asks for an internal binding with the deprecation silenced while asking.
 *
 * @returns undefined where `process.binding` is refused, as under `--permission`
 */
export function binding<Name extends 'tcp_wrap' | 'pipe_wrap' | 'cares_wrap' | 'tls_wrap'>(
  name: Name,
): (Name extends 'tcp_wrap' ? Internals['tcp'] : Name extends 'pipe_wrap' ? Internals['pipe'] : Name extends 'cares_wrap' ? Internals['cares'] : Internals['tls']) | undefined {
  const before = Object.getOwnPropertyDescriptor(process, 'noDeprecation');
  try {
    Object.defineProperty(process, 'noDeprecation', { value: true, writable: true, configurable: true, enumerable: true });
    const ask: unknown = Reflect.get(process, 'binding');
    return typeof ask === 'function' ? Reflect.apply(ask, process, [name]) : undefined;
  } catch {
    return undefined;
  } finally {
    if (before === undefined) Reflect.deleteProperty(process, 'noDeprecation');
    else Object.defineProperty(process, 'noDeprecation', before);
  }
}

/** `owner_symbol` of lib/internal/async_hooks.js: handle → its net.Socket or net.Server. Found on a handle that a socket has taken over. */
export function ownerSymbol(TCP: new (type: number) => object): symbol | undefined {
  const handle = new TCP(0);
  const socket = new net.Socket({ handle, readable: false, writable: false } as object);
  const symbol = Object.getOwnPropertySymbols(handle).find((candidate) => candidate.description === 'owner_symbol');
  socket.destroy();
  return symbol;
}
