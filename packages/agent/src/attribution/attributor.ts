import type { Attributor, Origin } from '@outwitness/interceptor';
import type { HostAttributor } from '../hosts/host.ts';
import { type Blinded, callSites } from './call-sites.ts';
import { type Package, Packages } from './package-of.ts';
import { type Finding, responsible, type Surroundings } from './responsible.ts';
import { FRAMEWORKS } from './frameworks.ts';
import { ADDON_LOADERS, CARRIERS } from './transports.ts';

/** Most calls are made by the code directly above the API; the cost of a walk grows with its frames. */
const FEW = 4;
const DEEP = 64;
/** Where frameworks are passed over anyway. */
const NO_SCAFFOLD: ReadonlySet<string> = new Set();

export interface StackAttributorOptions {
  /** Folders, with a trailing slash, whose files wrap functions that others call. */
  hookFolders: readonly string[];
  /** Told once. */
  blinded: Blinded;
  /** Is the running call the agent's own? */
  ownCall?: () => boolean;
}

/** What is known of transports that make their call when their caller is gone. */
export interface Deferring {
  /** Who was noted for a call of which the stack shows only transports. */
  noted(finding: Finding): Finding | undefined;
  /** The stack named somebody by itself. */
  found(finding: Finding): void;
  /** A transport stood on the stack alone. `scripts` tells the names that V8 has for what is running. */
  sight(owner: Package, scripts: () => readonly string[]): void;
}

/** Names packages by the stack (DESIGN, "Attribution"), and by what a host framework knows where the stack ends too early. */
export class StackAttributor implements Attributor {
  readonly #around: Surroundings & { scaffold: Set<string> };
  readonly #blinded: Blinded;
  readonly #hosts: HostAttributor[] = [];
  readonly #named = new Map<string, Package>();
  /** Those that are in it. */
  readonly #owners = new WeakSet<Package>();
  /** Is what runs now a call that the agent makes for itself? Then its frames are no hook's. */
  readonly #ownCall: () => boolean;
  #deferring: Deferring | undefined = undefined;

  constructor({ hookFolders, blinded, ownCall = () => false }: StackAttributorOptions) {
    this.#ownCall = ownCall;
    let told = false;
    this.#blinded = (text) => {
      if (told) return;
      told = true;
      blinded(text);
    };
    this.#around = {
      packages: new Packages(),
      transports: CARRIERS,
      hook: (file) => hookFolders.some((folder) => file.startsWith(folder)) && !this.#ownCall(),
      scaffold: new Set(),
    };
  }

  /** The packages of this process, for a host that maps its units to them. */
  get packages(): Packages {
    return this.#around.packages;
  }

  addHost(host: HostAttributor): void {
    this.#hosts.push(host);
    for (const name of host.scaffold) this.#around.scaffold.add(name);
  }

  /** From now on asks who was noted where only transports are on the stack. */
  follow(deferring: Deferring): void {
    this.#deferring = deferring;
  }

  /**
   * What the stack says above `entry`, and nobody else.
   *
   * @param passing packages that are passed over in the place of the transports
   */
  above(entry: Function | undefined, passing?: ReadonlySet<string>): Finding {
    if (passing !== undefined)
      return this.#walk(entry, DEEP, { ...this.#around, transports: passing, scaffold: NO_SCAFFOLD });
    const finding = this.#walk(entry, FEW);
    return finding.weak ? this.#walk(entry, DEEP) : finding;
  }

  /** The package that an {@link Origin} of this attributor named. */
  describe(name: string, version: string | undefined): Package | undefined {
    return this.#named.get(key(name, version));
  }

  /** Outside any package a file has its name only. */
  inside(file: string): string {
    const known = file.replaceAll('\\', '/');
    const { root } = this.packages.of(known);
    return known.slice(root === '' ? known.lastIndexOf('/') + 1 : root.length);
  }

  capture(entry: Function | undefined): Origin {
    let finding = this.above(entry);
    if (finding.weak) finding = this.#noted(finding) ?? this.#askHosts(finding);
    else this.#deferring?.found(finding);
    this.#name(finding.owner);
    return finding.origin;
  }

  /** Whose server it is: a framework that listens for an application is not the answer while the application is on the stack. */
  listener(entry: Function | undefined): Origin {
    return this.#passing(FRAMEWORKS, entry);
  }

  /** Whose code is loaded: what carries calls for others loads its own. */
  loader(entry: Function | undefined): Origin {
    return this.#passing(ADDON_LOADERS, entry);
  }

  #passing(transports: ReadonlySet<string>, entry: Function | undefined): Origin {
    const finding = this.#walk(entry, DEEP, { ...this.#around, transports, scaffold: NO_SCAFFOLD });
    const { origin, owner } = finding.weak ? this.#askHosts(finding) : finding;
    this.#name(owner);
    return origin;
  }

  handledBy(request: object): Origin | undefined {
    for (const host of this.#hosts) {
      const unit = host.handledBy?.(request);
      if (unit === undefined) continue;
      const owner = this.#around.packages.of(unit.file);
      this.#name(owner);
      const origin: Origin = { package: owner.name, basis: 'host', site: unit.site, chain: [owner.name] };
      if (owner.version !== undefined) origin.packageVersion = owner.version;
      return origin;
    }
    return undefined;
  }

  #name(owner: Package | undefined): void {
    if (owner === undefined || this.#owners.has(owner)) return;
    this.#owners.add(owner);
    this.#named.set(key(owner.name, owner.version), owner);
  }

  #walk(entry: Function | undefined, limit: number, around: Surroundings = this.#around): Finding {
    const sites = callSites(entry, limit, this.#blinded);
    if (sites.length > 0 || entry === undefined) return responsible(sites, entry !== undefined, around);
    return responsible(callSites(undefined, DEEP, this.#blinded), false, around);
  }

  #noted(finding: Finding): Finding | undefined {
    const noted = this.#deferring?.noted(finding);
    if (noted === undefined && finding.owner !== undefined)
      this.#deferring?.sight(finding.owner, () =>
        callSites(undefined, DEEP, this.#blinded).map((site) => site.getFileName() ?? ''),
      );
    return noted;
  }

  /** A host names its unit where the stack names nobody or only who carried the call; the transports on the stack stay in `via`. */
  #askHosts(finding: Finding): Finding {
    for (const host of this.#hosts) {
      const file = host.current();
      if (file === undefined) continue;
      const owner = this.#around.packages.of(file);
      const carried = finding.origin.chain ?? [];
      const origin: Origin = {
        package: owner.name,
        basis: 'host',
        site: host.site(file, owner),
        chain: [...carried, owner.name],
      };
      if (owner.version !== undefined) origin.packageVersion = owner.version;
      if (carried.length > 0) origin.via = carried;
      return { origin, owner, weak: false };
    }
    return finding;
  }
}

function key(name: string, version: string | undefined): string {
  return `${name}@${version ?? ''}`;
}
