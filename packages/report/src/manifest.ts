import type { Declared } from '@outwitness/event';

import { brokenLimit, type Call, type CallLimits } from './call-limits.ts';
import { methodOf, pathOf } from './catalogue.ts';
import { HOST_PATTERN_FORM, hostMatch, isHostPattern } from './host-pattern.ts';
import { type JsonNode, JsonShape } from './json-shape.ts';

/** What a package says that it sends, and where: docs/reference/manifest.md. */
export interface Manifest {
  readonly endpoints: readonly Endpoint[];
}

export interface Endpoint extends CallLimits {
  /** Host pattern. */
  readonly host: string;
  /** Absent: any. */
  readonly port?: number;
  readonly purpose: string;
  /** Kinds of data that go there, in the author's words. */
  readonly data: readonly string[];
  /** Bytes per day (UTC) and host. */
  readonly maxBytesOutPerDay?: number;
}

const MAX_ENDPOINTS = 1000;

/**
 * Reads an egress manifest: the value of `egress` in package.json, or the text of egress.json. Unknown members are
 * ignored, since authors of packages do not wait for our releases.
 *
 * @param text JSON, untrusted
 * @throws OutwitnessError `manifest-invalid`
 */
export function parseManifest(text: string, document = 'egress.json'): Manifest {
  const root = new JsonShape('manifest-invalid', document).parse(text).object();
  if (root.member('endpoints').absent) throw root.member('endpoints').refuse('an array of endpoints');
  const nodes = root.member('endpoints').list();
  if (nodes.length > MAX_ENDPOINTS) throw root.member('endpoints').refuse(`at most ${MAX_ENDPOINTS} endpoints`);
  return { endpoints: nodes.map(endpointOf) };
}

/**
 * Is a call in the manifest? An unknown port or path contradicts nothing.
 *
 * @returns `none` without a manifest; `no` if no endpoint has the host and port; `beyond` if one has, but scheme,
 * method, path or size of every such endpoint is contradicted
 */
export function declaredBy(manifest: Manifest | undefined, call: Call): Declared {
  if (manifest === undefined || call.host === undefined) return 'none';
  const named = endpointsFor(manifest, call.host, call.port);
  if (named.length === 0) return 'no';
  return named.some((endpoint) => brokenLimit(call, endpoint) === undefined) ? 'yes' : 'beyond';
}

/** Endpoints that name a destination, the closest pattern first. */
export function endpointsFor(manifest: Manifest, host: string, port: number | undefined): Endpoint[] {
  const matched = manifest.endpoints
    .map((endpoint) => ({ endpoint, fit: hostMatch(endpoint.host, host) }))
    .filter(
      ({ endpoint, fit }) => fit > 0 && (endpoint.port === undefined || port === undefined || endpoint.port === port),
    );
  return matched.sort((a, b) => b.fit - a.fit).map(({ endpoint }) => endpoint);
}

function endpointOf(node: JsonNode): Endpoint {
  node.object();
  const optional = <T>(name: string, read: (member: JsonNode) => T): { [member: string]: T } =>
    node.member(name).absent ? {} : { [name]: read(node.member(name)) };
  const scheme = optional('scheme', (member) => member.string(16).toLowerCase());
  const bytes = (member: JsonNode): number => member.integer(0, Number.MAX_SAFE_INTEGER);
  return {
    host: hostOf(node.member('host')),
    purpose: node.member('purpose').string(),
    data: typeof node.member('data').value === 'string' ? [node.member('data').string()] : strings(node.member('data')),
    ...optional('port', (member) => member.integer(0, 65_535)),
    ...(scheme['scheme'] === undefined ? {} : { schemes: [scheme['scheme']] }),
    ...optional('methods', (member) => member.list().map(methodOf)),
    ...optional('paths', (member) => member.list().map(pathOf)),
    ...optional('maxBytesOut', bytes),
    ...optional('maxBytesOutPerDay', bytes),
  };
}

function hostOf(node: JsonNode): string {
  const host = node.string(253).toLowerCase();
  if (!isHostPattern(host)) throw node.refuse(HOST_PATTERN_FORM);
  return host;
}

function strings(node: JsonNode): string[] {
  return node.list().map((element) => element.string());
}
