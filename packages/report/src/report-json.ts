/**
 * The object that `outwitness report --json` prints and the Trust Report page draws (docs/reference/json.md).
 * Times are ISO 8601 in UTC; `null` = unknown or not applicable; every number is an integer.
 */
import type { Declared, DestinationClass, Direction } from '@outwitness/event';

/** Grows when a member is removed or changes its meaning; new members do not raise it. */
export const REPORT_SCHEMA_VERSION = 1;

/** In order of precedence, worst first. */
export type Verdict = 'alarm' | 'attention' | 'insufficient-data' | 'all-clear';
/** Severity of one reason; the verdict is the worst of them, `all-clear` if there is none. */
export type Severity = Exclude<Verdict, 'all-clear'>;

export interface ReportJson {
  schemaVersion: typeof REPORT_SCHEMA_VERSION;
  generatedAt: string;
  /** Whole hours: the rollup knows nothing finer. `to` is exclusive. */
  period: PeriodJson;
  /** The application asked for, `null` = all of them. */
  app: string | null;
  /** Applications with rows in the period, sorted. */
  apps: string[];
  verdict: Verdict;
  /** Worst first. */
  reasons: ReasonJson[];
  chips: ChipsJson;
  totals: TotalsJson;
  cards: CardsJson;
  /** Outbound only, always the four classes in this order: vendor, third-party, internal, unclassified. */
  distribution: DistributionJson[];
  /** Outbound hosts with the most bytes in both directions, at most 12, most first. */
  bytes: BytesJson[];
  timeline: TimelineJson;
  /** Watched vendors of the catalogue, with and without traffic. */
  vendors: VendorJson[];
  /** Worst class first, then most events; at most 1,000. */
  destinations: DestinationJson[];
  /** Destinations left out because there were more than 1,000. */
  destinationsOmitted: number;
  /** Packages that sent or received something, most events first; at most 1,000. */
  packages: PackageJson[];
  packagesOmitted: number;
  learning: LearningJson;
  /** What Outwitness itself did; counts in no total. */
  self: SelfJson;
  /** The ledger that this one follows, by the word of its first row; `null` = none. */
  predecessor: PredecessorJson | null;
  coverage: CoverageJson;
}

export interface PredecessorJson {
  origin: string;
  /** Rows under its last signed checkpoint. */
  size: number;
  /** What the verifier said of it when this one began. */
  verdict: string;
  why: string;
  /** When this one began. */
  since: string;
}

export interface PeriodJson {
  from: string;
  to: string;
}

/** `vendor + thirdParty + internal + unclassified = events`, both directions, without `local` calls and own rows. */
export interface TotalsJson {
  events: number;
  vendor: number;
  thirdParty: number;
  internal: number;
  unclassified: number;
}

/** Which rows stand behind a number: `journal --where field=value …` or the filter of the Audit Log. */
export interface RowLink {
  /** All must hold. An empty value means that the field is absent. */
  where: { [field: string]: string };
  /** First and last sequence number, `null` = open. */
  fromSeq: number | null;
  toSeq: number | null;
}

export interface ReasonJson {
  /** Name of the rule, as in docs/reference/report.md. */
  id: string;
  severity: Severity;
  /** One or two sentences for somebody who has never seen the product. */
  text: string;
  /** What to do now. */
  action: string;
  /** Calls, rows, processes or pairs, as the rule says in docs/reference/report.md. */
  count: number;
  link: RowLink;
  /** The cases, worst or newest first, at most 20. */
  detail: DetailJson[];
  detailOmitted: number;
}

export interface DetailJson {
  text: string;
  count: number;
  link: RowLink;
  app: string | null;
  package: string | null;
  host: string | null;
  port: number | null;
  /** `<path inside the package>:line:col function` of the newest such call. */
  site: string | null;
  /** Newest row of this case. */
  seq: number | null;
  time: string | null;
}

export type ChipState = 'ok' | 'warn' | 'bad' | 'unknown';

export interface ChipJson {
  state: ChipState;
  /** A few words for people. */
  text: string;
}

export interface ChipsJson {
  /** Result of the newest verification that the collector ran on its own ledger. */
  ledger: ChipJson & { verdict: string | null; exit: number | null; at: string | null };
  /** `withinReach`: could the audited process read the signing key? */
  key: ChipJson & { withinReach: boolean | null };
  stackCapture: ChipJson & { blinded: number };
  agents: ChipJson & { live: number; silent: number };
  gaps: ChipJson & { count: number; missing: number };
  bodyCapture: ChipJson & { on: boolean };
  /** Redaction in force in the live processes. */
  redaction: ChipJson & { mode: 'standard' | 'strict' | 'mixed' | null };
  capture: ChipJson & { enabled: boolean; disabledChannels: string[] };
  /** Newest signed checkpoint: it covers rows 0 to size − 1. */
  checkpoint: ChipJson & { size: number; at: string | null };
  learning: ChipJson & { active: boolean };
}

export interface FlowJson extends TotalsJson {
  errors: number;
  bytesOut: number;
  bytesIn: number;
}

export interface CardsJson {
  in: FlowJson;
  out: FlowJson;
  /** Distinct outbound host and port. */
  destinations: number;
  /** Distinct packages that made outbound calls. */
  packages: number;
  /** Outbound calls that no package could be named for. */
  unattributed: number;
}

export interface DistributionJson {
  class: DestinationClass;
  events: number;
  bytesOut: number;
  bytesIn: number;
}

export interface BytesJson {
  /** `null`: calls without a host, such as unix sockets. */
  host: string | null;
  class: DestinationClass;
  bytesOut: number;
  bytesIn: number;
}

export interface TimelineJson {
  /** `hour` for periods up to 7 days, else `day` (UTC). */
  step: 'hour' | 'day';
  /** Ascending; steps without traffic are left out. */
  points: TimelinePointJson[];
}

export interface TimelinePointJson {
  at: string;
  in: number;
  out: number;
  bytesOut: number;
  bytesIn: number;
}

export interface VendorJson {
  vendor: string;
  events: number;
  /** Calls outside the declaration (`no` or `beyond`). */
  outside: number;
  bytesOut: number;
  bytesIn: number;
  /** What the catalogue knows of this vendor. */
  components: { id: string; name: string; hosts: string[]; purpose: string | null }[];
}

/** One (app, direction, package, host, port, class, vendor); inbound: `host` is the listener. */
export interface DestinationJson {
  app: string;
  direction: Direction;
  /** `null` = nobody could be named. */
  package: string | null;
  packageVersion: string | null;
  packageAuthor: string | null;
  host: string | null;
  port: number | null;
  channels: string[];
  class: DestinationClass;
  vendor: string | null;
  component: string | null;
  /** The worst of its calls: `no`, then `beyond`, `none`, `yes`. */
  declared: Declared;
  /** From the manifest, else from the catalogue. */
  purpose: string | null;
  /** Kinds of data that the manifest declares. */
  data: string[];
  acknowledged: boolean;
  events: number;
  errors: number;
  bytesOut: number;
  bytesIn: number;
  firstSeen: string;
  lastSeen: string;
  firstSeq: number;
  lastSeq: number;
  /** Call site of the newest call. */
  site: string | null;
}

export interface PackageJson {
  /** `null` = calls that nobody could be named for. */
  package: string | null;
  version: string | null;
  author: string | null;
  apps: string[];
  /** Has the package an egress manifest? */
  manifest: boolean;
  events: number;
  errors: number;
  bytesOut: number;
  bytesIn: number;
  /** Distinct outbound host and port. */
  destinations: number;
  classes: TotalsJson;
  /** Outbound calls by what the manifest says of them. */
  declared: { yes: number; no: number; beyond: number; none: number };
  /** Declared endpoints that were not contacted in the period: `host` or `host:port`. */
  declaredUnused: string[];
  /** Days (UTC, `YYYY-MM-DD`) on which more was sent to an endpoint than its manifest allows per day. */
  overDailyLimit: { day: string; host: string; bytesOut: number; limit: number }[];
}

export interface LearningJson {
  /** Days, as set. */
  days: number;
  active: boolean;
  /** `null` before the first row. */
  since: string | null;
  until: string | null;
}

export interface SelfJson {
  events: number;
  /** Calls of our own that are not declared. */
  undeclared: number;
  destinations: {
    channel: string;
    host: string | null;
    port: number | null;
    declared: Declared;
    events: number;
    lastSeq: number;
  }[];
}

export type WriterState = 'live' | 'silent' | 'ended' | 'killed';

export interface CoverageJson {
  live: number;
  silent: number;
  ended: number;
  killed: number;
  /** Processes and threads: live and silent ones first, then the most recent; at most 200. */
  writers: WriterJson[];
  writersOmitted: number;
  channels: ChannelJson[];
  gaps: GapJson[];
  /** Rows known to be missing. */
  missing: number;
  lateLoads: LateLoadJson[];
  /** Outbound calls. `cached` answers were reused from an earlier call of the same shape; `null` = not counted. */
  attribution: { attributed: number; unattributed: number; cached: number | null };
  /** Child processes and native addons: what they send is seen by nobody. */
  outside: {
    channel: 'process' | 'native';
    program: string;
    package: string | null;
    events: number;
    lastSeq: number;
  }[];
  /** What this report does not prove, in sentences. */
  notChecked: string[];
}

export interface WriterJson {
  /** Name of its spool file without the segment. */
  writer: string;
  app: string;
  pid: number;
  thread: number;
  state: WriterState;
  runtime: string | null;
  agent: string | null;
  /** How the agent got in: `require` `import` `register` `worker` `hook`. */
  loaded: string | null;
  /** Owner of the spool file. */
  uid: number | null;
  since: string;
  lastSeen: string | null;
  channels: string[];
  disabled: string[];
  late: string[];
  generation: number | null;
  enabled: boolean;
  strict: boolean;
}

export interface ChannelJson {
  channel: string;
  /** `partly`: live in some processes only. `absent`: no live process has it. */
  state: 'live' | 'partly' | 'disabled' | 'absent';
  live: number;
  disabled: number;
}

export interface GapJson {
  event: string;
  rows: number;
  count: number;
  missing: number;
  text: string;
  at: string | null;
  lastSeq: number;
}

export interface LateLoadJson {
  app: string;
  pid: number;
  late: string[];
  /** A socket was open or a watched module was loaded before the agent. */
  serious: boolean;
  at: string;
  seq: number;
}
