/**
 * The answer of `GET /api/components`, drawn by the Egress Components screen (docs/reference/json.md): the catalogue in
 * force, and what was seen of each of its entries. Conventions as in report-json.ts. Only calls that go out are counted,
 * except under `hosts`; each by the class and vendor that its row has.
 */
import type { PeriodJson } from './report-json.ts';

export interface ComponentsJson {
  schemaVersion: 1;
  generatedAt: string;
  period: PeriodJson;
  /** The application asked for, `null` = all of them. */
  app: string | null;
  /** Applications with rows in the period, sorted. */
  apps: string[];
  catalogue: CatalogueSourceJson;
  outbound: ExplainedJson;
  /** In the order of the catalogue, then those that only older rows name. */
  vendors: VendorEntryJson[];
  /** Host patterns of the organisation itself. */
  internal: PatternJson[];
  /** Internal without such a pattern: private addresses, names without a dot, sockets, what ends on this machine. */
  internalByName: SightJson;
  /** Names under which the audited servers are reached; counted are calls that come in. */
  hosts: PatternJson[];
  acknowledged: AcknowledgedJson[];
  /** Packages that brought a manifest, by name. */
  manifests: ManifestJson[];
  /** Hosts that no entry explained when their rows were written, most calls first, at most 1,000. */
  unclassified: UnclassifiedJson[];
  unclassifiedOmitted: number;
}

export interface CatalogueSourceJson {
  /** SHA-256 of the catalogue in force; `null` before the first row was judged. */
  digest: string | null;
  /** The row that put it in force. */
  since: { seq: number; at: string } | null;
  /** Path of its file; `null` = none is set. */
  file: string | null;
  /** Path of the settings that name the file. */
  settings: string;
}

/** Outbound calls by what explains them; they add up to `events`. */
export interface ExplainedJson {
  events: number;
  /** Watched vendors. */
  watched: number;
  /** Vendors that are not watched. */
  vendors: number;
  /** Third parties by an endpoint of a manifest or an acknowledged pair. */
  declared: number;
  internal: number;
  unclassified: number;
}

/** What was seen in the period. */
export interface SightJson {
  events: number;
  bytesOut: number;
  bytesIn: number;
  /** Who made the calls, most first, at most 5; `null` = nobody could be named. */
  packages: (string | null)[];
  packagesOmitted: number;
  /** `null` = not seen. */
  lastSeen: string | null;
  lastSeq: number | null;
}

export interface VendorEntryJson {
  name: string;
  watched: boolean;
  /** Is it in the catalogue in force? */
  listed: boolean;
  seen: SightJson;
  /** Calls outside the declaration (`no` or `beyond`). */
  outside: number;
  components: ComponentJson[];
  /** Calls to hosts that none of its components names any more. */
  elsewhere: number;
}

export interface ComponentJson {
  id: string;
  name: string;
  purpose: string | null;
  hosts: { pattern: string; events: number }[];
  /** Limits; empty = any. */
  ports: number[];
  methods: string[];
  paths: string[];
  /** By host and port. */
  seen: SightJson;
  /** Another component names the same hosts and ports: its calls are counted here too. */
  shared: boolean;
}

export interface PatternJson {
  pattern: string;
  seen: SightJson;
}

export interface AcknowledgedJson {
  /** As `outwitness ack` takes it. */
  pair: string;
  why: string;
  /** `null`: a program or an addon, which is started and not called. */
  seen: SightJson | null;
}

export interface ManifestJson {
  package: string;
  version: string;
  author: string | null;
  /** Why it cannot be read: then it is as if there were none. */
  problem: string | null;
  endpoints: EndpointJson[];
  /** Outbound calls by what the manifest says of them. */
  declared: { yes: number; no: number; beyond: number; none: number };
  /** Destinations that it does not name, most calls first, at most 20. */
  undeclared: UndeclaredJson[];
  undeclaredOmitted: number;
}

export interface EndpointJson {
  host: string;
  port: number | null;
  purpose: string;
  data: string[];
  /** Limits; empty or `null` = any. */
  schemes: string[];
  methods: string[];
  paths: string[];
  maxBytesOut: number | null;
  maxBytesOutPerDay: number | null;
  /** By host and port. */
  seen: SightJson;
  /** The most bytes that left to one host on one day (UTC) of the period. */
  mostBytesOutPerDay: number;
  /** Another endpoint names the same host and port: its calls are counted here too. */
  shared: boolean;
}

export interface UndeclaredJson {
  /** `null`: without a host. */
  host: string | null;
  port: number | null;
  events: number;
  lastSeq: number;
}

export interface UnclassifiedJson {
  host: string | null;
  port: number | null;
  seen: SightJson;
  /** What the catalogue in force says of it by now; the rows keep their class. `null` = nothing. */
  now: { kind: 'vendor' | 'internal' | 'acknowledged'; vendor: string | null } | null;
}
