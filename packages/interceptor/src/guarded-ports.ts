import type { ClaimRecord, ConnRecord, OpenRecord } from '@outwitness/event';
import type { Clock } from './clock.ts';
import { Guards, type Point, type Watch } from './guard.ts';
import type { CallKey, Draft, Origin, Ports, Program, RedactedTarget, Target, ThreadStart } from './ports.ts';
import { plainlyHost, seal } from './seal.ts';

/** Hosts remembered with what is kept of them. */
const MOST_HOSTS = 2000;

/** The ports, each behind a guard of its own: a port that fails costs a field, never a record of another or the call itself. */
export class GuardedPorts {
  readonly guards: Guards;
  readonly clock: Clock;
  readonly #ports: Ports;
  readonly #attributor: Watch;
  readonly #redaction: Watch;
  readonly #sink: Watch;
  readonly #children: Watch;
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
  }

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
    return this.#ask('listener', entry);
  }

  /** Who loads compiled code right now. */
  captureLoader(entry: Function): Origin {
    return this.#ask('loader', entry);
  }

  #ask(method: 'listener' | 'loader', entry: Function): Origin {
    const { attributor } = this.#ports;
    if (attributor[method] === undefined) return this.capture(entry);
    try {
      return attributor[method](entry);
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
