/** A report counted straight from rows, as docs/reference/json.md words it; the verdict's reasons are given, not judged. */
import type { Flat } from '@outwitness/event';

import type {
  ChipsJson,
  DestinationJson,
  DistributionJson,
  FlowJson,
  PackageJson,
  ReasonJson,
  ReportJson,
  TotalsJson,
} from '../../src/index.ts';
import type { MemoryRow } from './ledger.ts';

const HOUR_MS = 3_600_000;
const CLASSES = ['vendor', 'third-party', 'internal', 'unclassified'] as const;
type Class = (typeof CLASSES)[number];
const WORST_DECLARED = ['no', 'beyond', 'none', 'yes'] as const;

export interface Circumstances {
  readonly reasons: readonly ReasonJson[];
  readonly chips: Partial<ChipsJson>;
  readonly noteAt: string | null;
  readonly noteSize: number;
}

export function reportOf(
  rows: readonly MemoryRow[],
  period: { from: number; to: number },
  app: string | null,
  now: number,
  circumstances: Circumstances,
): ReportJson {
  const from = Math.floor(period.from / HOUR_MS) * HOUR_MS;
  const to = Math.ceil(period.to / HOUR_MS) * HOUR_MS;
  const inPeriod = rows.filter(({ fields }) => {
    const ms = Number(fields['time']) / 1000;
    return fields['kind'] === 'net' && fields['outcome'] !== 'local' && ms >= from && ms < to;
  });
  const foreign = inPeriod.filter(({ fields }) => fields['app'] !== 'outwitness');
  const net = foreign.filter(({ fields }) => app === null || fields['app'] === app);
  const out = net.filter(({ fields }) => fields['direction'] === 'out');
  const self = inPeriod.length - foreign.length;
  const reasons = net.length === 0 ? [NO_ROWS] : [...circumstances.reasons];
  return {
    schemaVersion: 1,
    generatedAt: iso(now),
    period: { from: iso(from), to: iso(to) },
    app,
    apps: [...new Set(foreign.map(({ fields }) => String(fields['app'])))].sort(),
    verdict: reasons[0]?.severity ?? 'all-clear',
    reasons,
    chips: chipsOf(circumstances),
    totals: totalsOf(net),
    cards: {
      in: flowOf(net.filter(({ fields }) => fields['direction'] === 'in')),
      out: flowOf(out),
      destinations: new Set(out.map(({ fields }) => `${text(fields, 'host') ?? ''}:${text(fields, 'port') ?? ''}`))
        .size,
      packages: new Set(out.map(({ fields }) => fields['package']).filter((name) => name !== undefined)).size,
      unattributed: events(out.filter(({ fields }) => fields['package'] === undefined)),
    },
    distribution: CLASSES.map((name) => distributionOf(name, out)),
    bytes: [...groupBy(out, ({ fields }) => text(fields, 'host'))]
      .map(([host, of]) => ({ host, class: classOf(of[0]), ...bytesOf(of) }))
      .filter(({ bytesIn, bytesOut }) => bytesIn + bytesOut > 0)
      .toSorted((a, b) => b.bytesIn + b.bytesOut - a.bytesIn - a.bytesOut)
      .slice(0, 12),
    timeline: {
      step: to - from <= 7 * 24 * HOUR_MS ? 'hour' : 'day',
      points: pointsOf(net, to - from <= 7 * 24 * HOUR_MS ? HOUR_MS : 24 * HOUR_MS),
    },
    vendors: vendorsOf(out),
    destinations: destinationsOf(net),
    destinationsOmitted: 0,
    packages: packagesOf(net),
    packagesOmitted: 0,
    learning: { days: 7, active: false, since: null, until: null },
    self: { events: self, undeclared: 0, destinations: [] },
    predecessor: null,
    coverage: {
      live: 1,
      silent: 0,
      ended: 0,
      killed: 0,
      writers: [],
      writersOmitted: 0,
      channels: [
        { channel: 'http', state: 'live', live: 1, disabled: 0 },
        { channel: 'undici', state: 'live', live: 1, disabled: 0 },
        { channel: 'tcp', state: 'live', live: 1, disabled: 0 },
      ],
      gaps: [],
      missing: 0,
      lateLoads: [],
      attribution: {
        attributed: events(out.filter(({ fields }) => fields['package'] !== undefined)),
        unattributed: events(out.filter(({ fields }) => fields['package'] === undefined)),
        cached: null,
      },
      outside: [],
      notChecked: [
        'That code inside the audited process told the truth: it could hide or forge future calls.',
        'That the application could not reach the signing key: it runs under the same user as the collector.',
        'What child processes and native addons sent: nobody watches inside them.',
      ],
    },
  };
}

const NO_ROWS: ReasonJson = {
  id: 'no-rows',
  severity: 'insufficient-data',
  text: 'No call is on record in this period.',
  action: 'Use the application, or choose a longer period.',
  count: 0,
  link: { where: { kind: 'net' }, fromSeq: null, toSeq: null },
  detail: [],
  detailOmitted: 0,
};

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

function text(fields: Flat, name: string): string | null {
  const value = fields[name];
  return value === undefined ? null : String(value);
}

function classOf(row: MemoryRow | undefined): Class {
  return (row?.fields['class'] ?? 'unclassified') as Class;
}

function events(rows: readonly MemoryRow[]): number {
  return rows.filter(({ fields }) => fields['phase'] !== 'end').length;
}

function sum(rows: readonly MemoryRow[], field: string): number {
  return rows.reduce((total, { fields }) => total + (fields['phase'] === 'open' ? 0 : Number(fields[field] ?? 0)), 0);
}

function bytesOf(rows: readonly MemoryRow[]): { bytesOut: number; bytesIn: number } {
  return { bytesOut: sum(rows, 'bytesOut'), bytesIn: sum(rows, 'bytesIn') };
}

function errorsOf(rows: readonly MemoryRow[]): number {
  return rows.filter(({ fields }) => fields['phase'] !== 'open' && fields['outcome'] !== 'ok').length;
}

function totalsOf(rows: readonly MemoryRow[]): TotalsJson {
  const of = (name: Class): number => events(rows.filter((row) => classOf(row) === name));
  return {
    events: events(rows),
    vendor: of('vendor'),
    thirdParty: of('third-party'),
    internal: of('internal'),
    unclassified: of('unclassified'),
  };
}

function flowOf(rows: readonly MemoryRow[]): FlowJson {
  return { ...totalsOf(rows), errors: errorsOf(rows), ...bytesOf(rows) };
}

function distributionOf(name: Class, out: readonly MemoryRow[]): DistributionJson {
  const rows = out.filter((row) => classOf(row) === name);
  return { class: name, events: events(rows), ...bytesOf(rows) };
}

function pointsOf(rows: readonly MemoryRow[], step: number): ReportJson['timeline']['points'] {
  const steps = groupBy(rows, ({ fields }) => Math.floor(Number(fields['time']) / 1000 / step) * step);
  return [...steps]
    .toSorted(([a], [b]) => a - b)
    .map(([at, of]) => ({
      at: iso(at),
      in: events(of.filter(({ fields }) => fields['direction'] === 'in')),
      out: events(of.filter(({ fields }) => fields['direction'] === 'out')),
      ...bytesOf(of),
    }));
}

function vendorsOf(out: readonly MemoryRow[]): ReportJson['vendors'] {
  return [...groupBy(out, ({ fields }) => text(fields, 'vendor'))].flatMap(([vendor, rows]) => {
    if (vendor === null) return [];
    const outside = rows.filter(({ fields }) => fields['declared'] === 'no' || fields['declared'] === 'beyond');
    const hosts = [...new Set(rows.map(({ fields }) => String(fields['host'])))];
    const components = [{ id: 'licence', name: 'Licence check', hosts, purpose: 'Licence check, counts of seats' }];
    return [{ vendor, events: events(rows), outside: events(outside), ...bytesOf(rows), components }];
  });
}

function destinationsOf(net: readonly MemoryRow[]): DestinationJson[] {
  const key = ({ fields }: MemoryRow): string =>
    JSON.stringify(
      ['app', 'direction', 'package', 'host', 'port', 'class', 'vendor'].map((name) =>
        fields['direction'] === 'in' && name === 'host' ? fields['listener'] : (fields[name] ?? null),
      ),
    );
  return [...groupBy(net, key).values()]
    .flatMap((rows): DestinationJson[] => {
      const first = rows[0];
      const last = rows.at(-1);
      if (first === undefined || last === undefined) return [];
      const { fields } = last;
      const inbound = fields['direction'] === 'in';
      const port = fields[inbound ? 'localPort' : 'port'];
      return [
        {
          app: String(fields['app']),
          direction: inbound ? 'in' : 'out',
          package: text(fields, 'package'),
          packageVersion: text(fields, 'packageVersion'),
          packageAuthor: text(fields, 'packageAuthor'),
          host: text(fields, inbound ? 'listener' : 'host'),
          port: typeof port === 'number' ? port : null,
          channels: [...new Set(rows.map((row) => String(row.fields['channel'])))].sort(),
          class: classOf(last),
          vendor: text(fields, 'vendor'),
          component: text(fields, 'component'),
          declared: WORST_DECLARED.find((word) => rows.some((row) => row.fields['declared'] === word)) ?? 'none',
          purpose: fields['vendor'] === undefined ? null : 'Licence check',
          data: fields['vendor'] === undefined ? [] : ['seat count', 'version'],
          acknowledged: false,
          events: events(rows),
          errors: errorsOf(rows),
          ...bytesOf(rows),
          firstSeen: iso(Number(first.fields['time']) / 1000),
          lastSeen: iso(Number(fields['time']) / 1000),
          firstSeq: first.seq,
          lastSeq: last.seq,
          site: text(fields, 'site'),
        },
      ];
    })
    .toSorted((a, b) => CLASSES.indexOf(b.class) - CLASSES.indexOf(a.class) || b.events - a.events);
}

function packagesOf(net: readonly MemoryRow[]): PackageJson[] {
  return [...groupBy(net, ({ fields }) => text(fields, 'package'))].map(([name, rows]) => {
    const out = rows.filter(({ fields }) => fields['direction'] === 'out');
    const declared = (word: string): number => events(out.filter(({ fields }) => fields['declared'] === word));
    return {
      package: name,
      version: text(rows[0]?.fields ?? {}, 'packageVersion'),
      author: text(rows[0]?.fields ?? {}, 'packageAuthor'),
      apps: [...new Set(rows.map(({ fields }) => String(fields['app'])))].sort(),
      manifest: declared('yes') > 0,
      events: events(rows),
      errors: errorsOf(rows),
      ...bytesOf(rows),
      destinations: new Set(out.map(({ fields }) => `${text(fields, 'host') ?? ''}:${text(fields, 'port') ?? ''}`))
        .size,
      classes: totalsOf(rows),
      declared: { yes: declared('yes'), no: declared('no'), beyond: declared('beyond'), none: declared('none') },
      declaredUnused: [],
      overDailyLimit: [],
    };
  });
}

function chipsOf({ chips, noteAt, noteSize }: Circumstances): ChipsJson {
  return {
    ledger: { state: 'ok', text: 'Record verified', verdict: 'VERIFIED', exit: 0, at: noteAt },
    key: { state: 'warn', text: 'Key within reach of the application', withinReach: true },
    stackCapture: { state: 'ok', text: 'Call sites captured', blinded: 0 },
    agents: { state: 'ok', text: '1 agent live', live: 1, silent: 0 },
    gaps: { state: 'ok', text: 'No gaps', count: 0, missing: 0 },
    bodyCapture: { state: 'ok', text: 'Bodies never captured', on: false },
    redaction: { state: 'ok', text: 'Standard redaction', mode: 'standard' },
    capture: { state: 'ok', text: 'All channels on', enabled: true, disabledChannels: [] },
    checkpoint: { state: 'ok', text: `Signed up to row ${noteSize - 1}`, size: noteSize, at: noteAt },
    learning: { state: 'ok', text: 'Learning window over', active: false },
    ...chips,
  };
}

function groupBy<K>(rows: readonly MemoryRow[], keyOf: (row: MemoryRow) => K): Map<K, MemoryRow[]> {
  const groups = new Map<K, MemoryRow[]>();
  for (const row of rows) groups.set(keyOf(row), [...(groups.get(keyOf(row)) ?? []), row]);
  return groups;
}
