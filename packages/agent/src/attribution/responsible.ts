import type { Origin } from '@outwitness/interceptor';
import { fileOf } from './file-of.ts';
import type { Package, Packages } from './package-of.ts';
import { siteText } from './site.ts';
import { onOwnAccount } from './transports.ts';

/** A frame of code that has a file, neither Node's nor a hook's. */
interface Frame {
  site: NodeJS.CallSite;
  file: string;
  owner: Package;
}

/** What the walk needs to know of the process. */
export interface Surroundings {
  packages: Packages;
  transports: ReadonlySet<string>;
  /** Is the file one of the watcher's or the agent's own? */
  hook(file: string): boolean;
  /** The core of a host framework: on every stack, and the answer only if there is no other. */
  scaffold: ReadonlySet<string>;
}

/** The answer and the package behind it, which a `pkg` record describes. */
export interface Finding {
  origin: Origin;
  owner: Package | undefined;
  /** A deeper walk or the host may know better. */
  weak: boolean;
}

/** Keeps the limits of docs/formats/event.md, so that a deep stack is no reason for a `cut`. */
const MOST_VIA = 8;
const MOST_CHAIN = 16;

/**
 * Who is responsible for a call: the package of the nearest frame that is no transport. If there are only transports, the outermost of them, basis `transport`; if there is nobody, basis `none`.
 *
 * A package from which a transport is made carries calls as the transport does, between two of its frames or called by it: no list can name them all.
 *
 * Frames of the watcher and the agent stand on many stacks, since they wrap functions that others call: they are passed over. Only where such a frame stands directly at the entry has it made the call itself, and is named like any other package.
 *
 * @param cut was the stack cut at the entry? Without the cut its first frames are hooks of necessity.
 */
export function responsible(sites: readonly NodeJS.CallSite[], cut: boolean, around: Surroundings): Finding {
  const via: string[] = [];
  const chain: string[] = [];
  const passed: Package[] = [];
  let found: Frame | undefined;
  /** What called the answer is known too. */
  let settled = false;
  let scaffold: Frame | undefined;
  let outermostTransport: Frame | undefined;
  for (const [index, site] of sites.entries()) {
    const file = fileOf(site);
    if (file === undefined || file.startsWith('node:')) continue;
    if (around.hook(file) && !(cut && index === 0)) continue;
    const owner = around.packages.of(file);
    if (around.scaffold.has(owner.name)) {
      scaffold ??= { site, file, owner };
      continue;
    }
    if (!chain.includes(owner.name) && chain.length < MOST_CHAIN) chain.push(owner.name);
    const transport = around.transports.has(owner.name) && !onOwnAccount(owner.name, file.slice(owner.root.length));
    if (found !== undefined) {
      if (settled || owner === found.owner) continue;
      // A transport called it, and is made from it: what looked like the answer carries the call as well.
      settled = !(transport && owner.dependencies.includes(found.owner.name));
      if (settled) continue;
      if (!via.includes(found.owner.name) && via.length < MOST_VIA) via.push(found.owner.name);
      found = undefined;
    }
    if (transport) passed.push(owner);
    if (transport || passed.some(({ dependencies }) => dependencies.includes(owner.name))) {
      outermostTransport = { site, file, owner };
      if (!via.includes(owner.name) && via.length < MOST_VIA) via.push(owner.name);
    } else found = { site, file, owner };
  }
  const frame = found ?? scaffold ?? outermostTransport;
  if (frame === undefined) return { origin: { basis: 'none' }, owner: undefined, weak: true };
  if (frame === scaffold) chain.push(frame.owner.name);
  const basis = frame === outermostTransport ? 'transport' : isAsync(frame.site) ? 'async' : 'stack';
  const origin: Origin = {
    package: frame.owner.name,
    site: siteText(frame.site, frame.file, frame.owner),
    chain,
    basis,
  };
  if (frame.owner.version !== undefined) origin.packageVersion = frame.owner.version;
  if (via.length > 0) origin.via = via;
  return { origin, owner: frame.owner, weak: found === undefined };
}

/** A frame beyond an `await`: it is not on the stack any more, V8 tells it from the promise. */
function isAsync(site: NodeJS.CallSite): boolean {
  return (site as NodeJS.CallSite & { isAsync?: () => boolean }).isAsync?.() ?? false;
}
