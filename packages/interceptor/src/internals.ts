import { net } from './node.ts';

/** The prototypes and bindings on which a destination's contact is the truth. */
export interface Internals {
  TCP: object | undefined;
  Pipe: object | undefined;
  UDP: object | undefined;
  Process: object | undefined;
  /** The binding `spawn_sync`; not reachable under `--permission`. */
  spawnSync: object | undefined;
  /** The binding `inspector`; not reachable under `--permission`. */
  inspector: object | undefined;
  ChannelWrap: object | undefined;
  /** The binding `cares_wrap`; not reachable under `--permission`. */
  cares: object | undefined;
  /** The binding `tls_wrap`; not reachable under `--permission`. */
  tls: object | undefined;
  /** `owner_symbol` of lib/internal/async_hooks.js: handle → its net.Socket or net.Server. */
  owner: symbol | undefined;
}

/** Finds them by `process.binding`, or behind public objects where that is refused. */
export function findInternals(): Internals {
  const tcp = prototypeOf(binding('tcp_wrap'), 'TCP');
  if (tcp === undefined) return behindPublicObjects();
  const cares = binding('cares_wrap');
  return {
    TCP: tcp,
    Pipe: prototypeOf(binding('pipe_wrap'), 'Pipe'),
    UDP: prototypeOf(binding('udp_wrap'), 'UDP'),
    Process: prototypeOf(binding('process_wrap'), 'Process'),
    spawnSync: binding('spawn_sync'),
    inspector: binding('inspector'),
    ChannelWrap: prototypeOf(cares, 'ChannelWrap'),
    cares,
    tls: binding('tls_wrap'),
    owner: ownerSymbol(tcp.constructor as new (type: number) => object),
  };
}

/** Asks for an internal binding with the deprecation silenced while asking. */
function binding(name: string): object | undefined {
  const before = Object.getOwnPropertyDescriptor(process, 'noDeprecation');
  try {
    const silent = { value: true, writable: true, configurable: true, enumerable: true };
    Object.defineProperty(process, 'noDeprecation', silent);
    const ask: unknown = Reflect.get(process, 'binding');
    const found: unknown = typeof ask === 'function' ? Reflect.apply(ask, process, [name]) : undefined;
    return typeof found === 'object' && found !== null ? found : undefined;
  } catch {
    return undefined;
  } finally {
    if (before === undefined) Reflect.deleteProperty(process, 'noDeprecation');
    else Object.defineProperty(process, 'noDeprecation', before);
  }
}

function prototypeOf(from: object | undefined, name: string): object | undefined {
  const constructor: unknown = from === undefined ? undefined : Reflect.get(from, name);
  return typeof constructor === 'function' ? (constructor.prototype as object) : undefined;
}

/** Found on a handle that a socket has taken over; `readable: false` keeps the socket from starting to read. */
function ownerSymbol(TCP: new (type: number) => object): symbol | undefined {
  const handle = new TCP(0);
  const socket = new net.Socket({ handle, readable: false, writable: false } as object);
  const symbol = ownerOn(handle);
  socket.destroy();
  return symbol;
}

function ownerOn(handle: object): symbol | undefined {
  return Object.getOwnPropertySymbols(handle).find((candidate) => candidate.description === 'owner_symbol');
}

/** A TLS socket that is never connected makes its own TCP or Pipe handle; a resolver has its channel. No socket is bound for it. */
function behindPublicObjects(): Internals {
  const { TLSSocket } = process.getBuiltinModule('node:tls');
  const handleOf = (options: object): { handle: object; close(): void } => {
    const socket = new TLSSocket(undefined as never, options);
    const wrapped = Reflect.get(socket, '_handle') as { _parent: object };
    return { handle: wrapped._parent, close: () => void socket.destroy() };
  };
  const tcp = handleOf({});
  const pipe = handleOf({ pipe: true });
  const datagrams = process.getBuiltinModule('node:dgram').createSocket('udp4');
  const { ChildProcess } = process.getBuiltinModule('node:child_process');
  // Its handle is nothing yet and needs no end.
  const child = Reflect.get(new ChildProcess(), '_handle') as object;
  const resolver = new (process.getBuiltinModule('node:dns').Resolver)();
  const found: Internals = {
    TCP: Object.getPrototypeOf(tcp.handle) as object,
    Pipe: Object.getPrototypeOf(pipe.handle) as object,
    UDP: Object.getPrototypeOf(datagramHandle(datagrams)) as object,
    Process: Object.getPrototypeOf(child) as object,
    spawnSync: undefined,
    inspector: undefined,
    ChannelWrap: Object.getPrototypeOf(Reflect.get(resolver, '_handle')) as object,
    cares: undefined,
    tls: undefined,
    owner: ownerOn(tcp.handle),
  };
  tcp.close();
  pipe.close();
  datagrams.close();
  return found;
}

/** lib/dgram.js keeps its handle in a state of its own. */
function datagramHandle(socket: object): object {
  const state = Object.getOwnPropertySymbols(socket).find((symbol) => symbol.description === 'state symbol');
  return Reflect.get(Reflect.get(socket, state ?? '') as object, 'handle') as object;
}
