import type { DestinationClass } from '@outwitness/event';

import { brokenLimit, type Call } from './call-limits.ts';
import type { Catalogue, CatalogueComponent, CatalogueVendor } from './catalogue.ts';
import { hostMatch } from './host-pattern.ts';
import { isPrivate, parseIp } from './ip.ts';

/** What the catalogue says of one destination. */
export interface CatalogueMatch {
  readonly vendor: CatalogueVendor;
  readonly component: CatalogueComponent;
  /** Port, method or path is none that the component has. */
  readonly beyond: boolean;
}

export type Listed = CatalogueMatch | 'internal' | undefined;

/** The longest match wins; among components with the same pattern the one whose limits hold. */
export function lookUp(catalogue: Catalogue, call: Call): Listed {
  const host = call.host ?? '';
  let best = 0;
  let found: Listed;
  for (const pattern of catalogue.internal) {
    const fit = hostMatch(pattern, host);
    if (fit > best) [best, found] = [fit, 'internal'];
  }
  for (const vendor of catalogue.vendors) {
    for (const component of vendor.components) {
      const fit = component.hosts.reduce((most, pattern) => Math.max(most, hostMatch(pattern, host)), 0);
      if (fit === 0 || fit < best) continue;
      const beyond = !within(component, call);
      const better = fit > best || (typeof found === 'object' && found.beyond && !beyond);
      if (better) [best, found] = [fit, { vendor, component, beyond }];
    }
  }
  return found;
}

function within(component: CatalogueComponent, call: Call): boolean {
  const { ports } = component;
  const portFits = ports === undefined || call.port === undefined || ports.includes(call.port);
  return portFits && brokenLimit(call, component) === undefined;
}

/** Channels that end on this machine: what a child process or an addon does on the network is seen by nobody. */
const HERE = new Set(['unix', 'process', 'worker', 'native']);

/**
 * Is the destination inside by its own name? Private IP literals, `localhost`, names without a dot, unix sockets. A
 * name with a dot never is, whatever its address. A name without a dot that was connected to a public address (a search
 * domain, a top-level domain) is not.
 *
 * @param peer the address connected to, if it is that of the destination itself
 */
export function isInternalName(channel: string, host: string | undefined, peer?: string): boolean {
  if (host === undefined || host === '') return HERE.has(channel);
  const literal = parseIp(host);
  if (literal !== undefined) return isPrivate(literal);
  if (host.replace(/\.$/, '').includes('.')) return false;
  const address = peer === undefined ? undefined : parseIp(peer);
  return address === undefined || isPrivate(address);
}

/** Class of an inbound call: that of the client's address. */
export function classifyPeer(
  catalogue: Catalogue,
  channel: string,
  peer: string | undefined,
): { class: DestinationClass; listed: Listed } {
  const listed = peer === undefined ? undefined : lookUp(catalogue, { channel: 'tcp', host: peer });
  if (listed !== undefined) return { class: classOf(listed), listed };
  const ip = peer === undefined ? undefined : parseIp(peer);
  const inside = channel === 'unix' || (ip === undefined ? peer?.startsWith('/') === true : isPrivate(ip));
  return { class: inside ? 'internal' : 'unclassified', listed };
}

export function classOf(listed: Exclude<Listed, undefined>): DestinationClass {
  if (listed === 'internal') return 'internal';
  return listed.vendor.watched ? 'vendor' : 'third-party';
}
