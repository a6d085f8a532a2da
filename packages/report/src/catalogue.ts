import { clean } from '@outwitness/event';

import { HOST_PATTERN_FORM, isHostPattern } from './host-pattern.ts';
import { type JsonNode, JsonShape } from './json-shape.ts';
import { type Pair, pairText, parsePair } from './pair.ts';

/** Who is who among the destinations: docs/reference/catalogue.md. */
export interface Catalogue {
  readonly version: 1;
  readonly vendors: readonly CatalogueVendor[];
  /** Host patterns of the organisation itself. */
  readonly internal: readonly string[];
  /** Host patterns under which the audited servers are reached: told apart among inbound calls. */
  readonly hosts: readonly string[];
  /** Pairs that an operator looked at and accepts. */
  readonly acknowledged: readonly Acknowledged[];
}

export interface CatalogueVendor {
  readonly name: string;
  /** Calls to a watched vendor outside its declaration are an alarm. */
  readonly watched: boolean;
  readonly components: readonly CatalogueComponent[];
}

export interface CatalogueComponent {
  readonly id: string;
  readonly name: string;
  readonly hosts: readonly string[];
  /** Absent: any. */
  readonly ports?: readonly number[];
  readonly paths?: readonly string[];
  /** Upper case. */
  readonly methods?: readonly string[];
  readonly purpose?: string;
}

export interface Acknowledged extends Pair {
  readonly why: string;
}

const MAX_NAME_BYTES = 64;

/**
 * Reads a catalogue.
 *
 * @param text JSON as in docs/reference/catalogue.md
 * @param document what to call it in messages, such as its path
 * @throws OutwitnessError `catalogue-invalid`, `pair-invalid`
 */
export function parseCatalogue(text: string, document = 'catalogue.json'): Catalogue {
  const root = new JsonShape('catalogue-invalid', document).parse(text);
  root.object(['version', 'vendors', 'internal', 'hosts', 'acknowledged']);
  root.member('version').integer(1, 1);
  const owners = new Map<string, string>();
  const vendors = root
    .member('vendors')
    .list()
    .map((node) => vendorOf(node, owners));
  const internal = root
    .member('internal')
    .list()
    .map((node) => hostOf(node, '(internal)', owners));
  const hosts = root
    .member('hosts')
    .list()
    .map((node) => hostOf(node));
  return { version: 1, vendors, internal, hosts, acknowledged: root.member('acknowledged').list().map(acknowledgedOf) };
}

/**
 * The catalogue's text, the same for the same meaning: its SHA-256 is what `catalogue` names in every row.
 * `parseCatalogue(catalogueText(c))` equals `c`.
 */
export function catalogueText(catalogue: Catalogue): string {
  return `${JSON.stringify(catalogue, sortedMembers)}\n`;
}

/** Adds names that the settings list under `hosts`, so that the catalogue text alone explains every judgement. */
export function withHosts(catalogue: Catalogue, hosts: readonly string[]): Catalogue {
  const root = new JsonShape('catalogue-invalid', 'hosts');
  const added = hosts.map((host) => hostOf(root.node(host)));
  return { ...catalogue, hosts: [...new Set([...catalogue.hosts, ...added])].sort() };
}

/** Adds an acknowledged pair; one of the same text is replaced. */
export function acknowledge(catalogue: Catalogue, pair: Pair, why: string): Catalogue {
  const others = catalogue.acknowledged.filter((other) => pairText(other) !== pairText(pair));
  return { ...catalogue, acknowledged: [...others, { package: pair.package, host: pair.host, port: pair.port, why }] };
}

function vendorOf(node: JsonNode, owners: Map<string, string>): CatalogueVendor {
  node.object(['name', 'watched', 'components']);
  const name = nameOf(node.member('name'));
  const watched = node.member('watched').absent ? false : node.member('watched').boolean();
  const components = node
    .member('components')
    .list()
    .map((component) => componentOf(component, name, owners));
  return { name, watched, components };
}

function componentOf(node: JsonNode, vendor: string, owners: Map<string, string>): CatalogueComponent {
  node.object(['id', 'name', 'hosts', 'ports', 'paths', 'methods', 'purpose']);
  const id = nameOf(node.member('id'));
  const name = node.member('name').absent ? id : node.member('name').string(200);
  const hosts = node
    .member('hosts')
    .list()
    .map((host) => hostOf(host, vendor, owners));
  if (hosts.length === 0) throw node.member('hosts').refuse('at least one host');
  const limits = {
    ports: node
      .member('ports')
      .list()
      .map((port) => port.integer(0, 65_535)),
    paths: node.member('paths').list().map(pathOf),
    methods: node.member('methods').list().map(methodOf),
  };
  return {
    id,
    name,
    hosts,
    ...(limits.ports.length === 0 ? {} : { ports: limits.ports }),
    ...(limits.paths.length === 0 ? {} : { paths: limits.paths }),
    ...(limits.methods.length === 0 ? {} : { methods: limits.methods }),
    ...(node.member('purpose').absent ? {} : { purpose: node.member('purpose').string() }),
  };
}

/** One pattern has one owner, or nobody could say which class a row has. */
function hostOf(node: JsonNode, owner?: string, owners?: Map<string, string>): string {
  const host = node.string(253).toLowerCase();
  if (!isHostPattern(host)) throw node.refuse(HOST_PATTERN_FORM);
  const other = owners?.get(host);
  if (other !== undefined && other !== owner) throw node.refuse(`a host that ${other} does not already list`);
  if (owner !== undefined) owners?.set(host, owner);
  return host;
}

/** Shared with the manifest: a path pattern as in path-pattern.ts. */
export function pathOf(node: JsonNode): string {
  const path = node.string();
  if (!path.startsWith('/') || /[?#]/.test(path)) throw node.refuse('a path that begins with "/", without "?" and "#"');
  return path;
}

/** Shared with the manifest. */
export function methodOf(node: JsonNode): string {
  const method = node.string(32);
  if (!/^[A-Za-z-]+$/.test(method)) throw node.refuse('a method such as "POST"');
  return method.toUpperCase();
}

function nameOf(node: JsonNode): string {
  const name = node.string();
  if (clean(name, MAX_NAME_BYTES) !== name) {
    throw node.refuse(`at most ${MAX_NAME_BYTES} bytes without control characters`);
  }
  return name;
}

function acknowledgedOf(node: JsonNode): Acknowledged {
  if (typeof node.value === 'string') return { ...parsePair(node.value), why: '' };
  node.object(['pair', 'package', 'host', 'port', 'why']);
  const why = node.member('why').value === '' || node.member('why').absent ? '' : node.member('why').string();
  if (!node.member('pair').absent) return { ...parsePair(node.member('pair').string()), why };
  const name = node.member('package').value === '' ? '' : node.member('package').string(214);
  const port = node.member('port').absent ? -1 : node.member('port').integer(-1, 65_535);
  return { package: name, host: node.member('host').string(253).toLowerCase(), port, why };
}

/** Members in the order of their names, at every depth. */
function sortedMembers(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
