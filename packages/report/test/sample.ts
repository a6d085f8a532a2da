/** A quiet day of one application, and ways to disturb it. */
import type { Flat, NetDraft } from '@outwitness/event';

import { type Catalogue, parseCatalogue } from '../src/catalogue.ts';
import { DEFAULT_CATALOGUE } from '../src/default-catalogue.ts';
import type { Facts } from '../src/facts.ts';
import type { PeriodCell } from '../src/period.ts';
import type { ReasonJson } from '../src/report-json.ts';
import type { Finding, Rule } from '../src/rule.ts';
import type { EventGroup, LedgerFact, PairSeen, Program, WriterFact } from '../src/source.ts';
import { judgeFacts } from '../src/verdict.ts';

export const HOUR = 3_600_000_000;
export const DAY = 24 * HOUR;
/** 2026-03-02T10:15:00Z */
export const NOW = 1_772_446_500_000_000;
export const NOW_HOUR: number = Math.floor(NOW / HOUR);

export const CATALOGUE: Catalogue = parseCatalogue(
  JSON.stringify({
    version: 1,
    vendors: [
      {
        name: 'Acme',
        watched: true,
        components: [
          {
            id: 'licence',
            name: 'Licence check',
            hosts: ['licence.acme.test'],
            ports: [443],
            methods: ['POST'],
            paths: ['/v1/check'],
            purpose: 'Allows the shop to run',
          },
          { id: 'rest', name: 'Everything else of Acme', hosts: ['*.acme.test'] },
        ],
      },
      {
        name: 'Mailer',
        watched: false,
        components: [{ id: 'smtp', name: 'Mail relay', hosts: ['smtp.mailer.test'], purpose: 'Mail' }],
      },
    ],
    internal: ['*.corp.test', 'shared.acme.test', '203.0.113.0/24'],
    hosts: ['shop.test', '*.shop.test'],
    acknowledged: [{ pair: 'known -> seen.example.test:443', why: 'discussed' }, 'known -> any.example.test'],
  }),
);

export function draft(change: Partial<NetDraft> = {}): NetDraft {
  return {
    kind: 'net',
    time: NOW,
    direction: 'out',
    channel: 'http',
    outcome: 'ok',
    phase: 'whole',
    app: 'shop',
    pid: 4711,
    thread: 0,
    spool: '4711-0-abc-01234567.0.spool',
    spoolSeq: 7,
    call: 3,
    scheme: 'https',
    method: 'GET',
    host: 'api.example.test',
    port: 443,
    path: '/v1/items',
    package: 'client',
    ...change,
  };
}

export function cell(change: Partial<PeriodCell> = {}): PeriodCell {
  const lastSeq = change.lastSeq ?? change.firstSeq ?? 100;
  return {
    hour: NOW_HOUR,
    app: 'shop',
    direction: 'out',
    channel: 'http',
    package: 'client',
    host: 'db',
    port: 443,
    class: 'internal',
    declared: 'none',
    vendor: '',
    events: 1,
    errors: 0,
    bytesOut: 10,
    bytesIn: 20,
    firstSeq: lastSeq,
    lastSeq,
    firstHour: change.hour ?? NOW_HOUR,
    ...change,
  };
}

export function pair(change: Partial<PairSeen> = {}): PairSeen {
  return {
    app: 'shop',
    package: 'client',
    host: 'new.example.test',
    port: 443,
    class: 'unclassified',
    declared: 'none',
    firstHour: NOW_HOUR,
    firstSeq: 100,
    lastSeq: 105,
    events: 6,
    ...change,
  };
}

export function writer(change: Partial<WriterFact> = {}): WriterFact {
  return {
    writer: '4711-0-abc-01234567',
    app: 'shop',
    pid: 4711,
    thread: 0,
    state: 'live',
    since: NOW - HOUR,
    lastSeen: NOW - 1_000_000,
    runtime: 'node/24.21.0',
    agent: '0.1.0',
    loaded: 'require',
    uid: 1000,
    channels: ['http', 'undici'],
    disabled: [],
    late: [],
    enabled: true,
    strict: false,
    ...change,
  };
}

export function program(change: Partial<Program> = {}): Program {
  return {
    channel: 'process',
    app: 'shop',
    program: 'curl',
    package: 'client',
    declared: 'none',
    events: 2,
    lastSeq: 90,
    ...change,
  };
}

export function group(event: string, change: Partial<EventGroup> = {}): EventGroup {
  const leaf: Flat = { seq: 50, time: NOW - 60_000_000, text: `text of ${event}`, app: 'shop', event };
  return { event, rows: 1, count: 1, missing: 0, newest: [leaf], ...change };
}

export const LEDGER: LedgerFact = {
  origin: 'local/outwitness/00',
  size: 200,
  firstRowAt: NOW - 30 * DAY,
  checkpoint: { size: 200, at: NOW - 1_000_000 },
  keyWithinReach: false,
  bodyCapture: false,
  verification: { verdict: 'UNANCHORED', exit: 10, at: NOW - 20_000_000, range: [0, 199], findings: [] },
};

export const SETTINGS: Facts['settings'] = {
  generation: 1,
  enabled: true,
  strict: false,
  disabledChannels: [],
  learnDays: 7,
};

/** Nothing is wrong with it: `judgeFacts(facts())` is all-clear. */
export function facts(change: Partial<Facts> = {}): Facts {
  return {
    now: NOW,
    fromHour: NOW_HOUR - 23,
    toHour: NOW_HOUR + 1,
    app: null,
    apps: ['shop'],
    cells: [cell()],
    hours: [],
    limited: [],
    self: [],
    pairs: [],
    rows: new Map(),
    hooks: [],
    gaps: [],
    controls: [],
    drops: [],
    intrusions: [],
    programs: [],
    packages: new Map(),
    writers: [writer()],
    ledger: LEDGER,
    cachedCalls: 0,
    settings: SETTINGS,
    catalogue: DEFAULT_CATALOGUE,
    ...change,
  };
}

export function ledger(change: Partial<LedgerFact>): Pick<Facts, 'ledger'> {
  return { ledger: { ...LEDGER, ...change } };
}

export function rowsOf(...rows: (Flat & { seq: number })[]): Pick<Facts, 'rows'> {
  return { rows: new Map(rows.map((row) => [row.seq, row])) };
}

/** The finding of a rule that has to fire. */
export function fired(rule: Rule, change: Partial<Facts>): Finding {
  const finding = rule.evaluate(facts(change));
  if (finding === undefined) throw new Error(`${rule.id} did not fire`);
  return finding;
}

/** The reason as the report shows it, through the whole verdict. */
export function reason(id: string, change: Partial<Facts>): ReasonJson | undefined {
  return judgeFacts(facts(change)).reasons.find((one) => one.id === id);
}

/** The object without some members: `exactOptionalPropertyTypes` knows no member that is `undefined`. */
export function omit<T extends object, K extends keyof T>(object: T, ...names: readonly K[]): Omit<T, K> {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name as K))) as Omit<T, K>;
}
