import type { ClaimRecord, ConnRecord, DoneRecord, GapRecord, HookRecord, OpenRecord } from '@outwitness/event';

/** Who made a call. All members but `basis` are absent when nobody could be named. */
export interface Origin {
  package?: string;
  packageVersion?: string;
  /** `<path inside the package>:line:col function` */
  site?: string;
  /** Transports between the site and the call, nearest the call first. */
  via?: string[];
  /** Distinct packages outwards from the call. */
  chain?: string[];
  basis: 'stack' | 'async' | 'context' | 'transport' | 'host' | 'cached' | 'none';
}

/** What a call has in common with others that the same code is likely to make. Nothing of it stands for the caller. */
export interface CallKey {
  readonly method: string;
  readonly scheme: string;
  readonly host: string;
  readonly port: number;
  /** As redacted. */
  readonly path: string;
  /** The instance (http.Agent, dispatcher) that carries it; must not be kept alive. */
  readonly agent: object | undefined;
}

/**
 * Names the package responsible for the call that is being made right now.
 *
 * @param entry the API function or wrapper at which the stack is to be cut: frames above it are the watcher's or Node's own. If it is not on the stack, walk again without the cut.
 * @param key absent where each call is to be asked about
 */
export interface Attributor {
  capture(entry: Function | undefined, key?: CallKey): Origin;
  /** Who lets a server listen right now; without this method the same as {@link capture}. */
  listener?(entry: Function | undefined): Origin;
  /** Who loads compiled code right now; without this method the same as {@link capture}. */
  loader?(entry: Function | undefined): Origin;
  /** Whose code took an inbound request in hand, if a host framework knows; asked when it has been answered. */
  handledBy?(request: object): Origin | undefined;
  /** The path of a file inside its package. Without this method a file has its name only. */
  inside?(file: string): string;
}

/** What the watcher saw of a request target before any of it is kept. */
export interface Target {
  method: string;
  scheme: string;
  host: string;
  port: number;
  /** Path and query exactly as sent, never stored. */
  rawPath: string;
}

/** What may be kept of it. */
export interface RedactedTarget {
  path: string;
  queryKeys: string[];
  fingerprint: string;
}

/** Decides what of a call may be written down. It may only remove. */
export interface RedactionPolicy {
  target(target: Target): RedactedTarget;
  /** Header names as they came → names that may be kept: lower case, masked, limited. */
  headerNames(names: readonly string[]): string[];
  /** Host as asked for → what may be kept of it. It is the evidence: without this method it stays. The answer is remembered. */
  hostName?(host: string): string;
  /** A unix socket's path, a process or file name. */
  localPath(path: string): string;
}

/** A record as the interceptor makes it; the sink gives it its number `n`. */
export type Numbered = 'n';
export type Draft<R extends { n: number }> = Omit<R, Numbered>;

/**
 * Where records go. Both methods must not throw and must keep the order of calls.
 * `intent` returns when the record has been handed to the kernel: it is called before the bytes of an outbound call leave.
 * `record` may wait until the end of the tick.
 */
export interface Sink {
  intent(record: Draft<OpenRecord> | Draft<ConnRecord> | Draft<ClaimRecord>): void;
  record(
    record:
      | Draft<OpenRecord>
      | Draft<ConnRecord>
      | Draft<ClaimRecord>
      | Draft<DoneRecord>
      | Draft<GapRecord>
      | Draft<HookRecord>,
  ): void;
}

/** A program as the system is told to start it. */
export interface Program {
  file: string;
  /** The first one is the program's name. */
  args: readonly string[];
  /** `NAME=value` */
  environment: readonly string[];
  /** The folder that it begins in, if not that of this process. */
  cwd: string | undefined;
  /** Is it one that runs a program that stands among its arguments: a shell, `env`, `timeout`? */
  runsAnother: boolean;
}

/** How a thread is started. */
export interface ThreadStart {
  /** In the place of the caller's; `undefined`: these are good. */
  readonly options: object | undefined;
  /** Called when the constructor has returned or thrown. */
  done(): void;
}

/** What only the host knows of the programs that the process starts. */
export interface Children {
  /**
   * Sees to it that a child is watched as well.
   *
   * @returns the environment it is to have instead; `undefined` leaves everything as it is
   */
  environment(program: Program): readonly string[] | undefined;
  /** Sees to it that a worker thread is watched as well, whatever the options of its caller. */
  thread(options: unknown): ThreadStart | undefined;
  /** `process.execve` is about to put another program in the place of this one: what waits must be written now. */
  replaced(): void;
  /** It could not. */
  stays(): void;
}

/** The ports of the watcher. Without `children` a child gets what its caller gave it. */
export interface Ports {
  attributor: Attributor;
  redaction: RedactionPolicy;
  sink: Sink;
  children?: Children;
}
