/** Calls in groups, counted straight from rows, as docs/reference/json.md words it. */
import type { ReportJson, TrafficAsked, TrafficGroupJson, TrafficJson } from '../../src/index.ts';
import { selects } from './filters.ts';
import type { MemoryRow } from './ledger.ts';

export function trafficOf(rows: readonly MemoryRow[], query: TrafficAsked, report: ReportJson): TrafficJson {
  const { by, where, not, sort = 'events', order = 'desc' } = query;
  const counted = rows.filter(
    (row) =>
      row.fields['kind'] === 'net' &&
      row.fields['outcome'] !== 'local' &&
      row.fields['app'] !== 'outwitness' &&
      selects({ order: 'oldest', limit: 1, where, not }, row),
  );
  const groups = new Map<string, MemoryRow[]>();
  for (const row of counted) {
    const key = JSON.stringify(Object.fromEntries(by.map((name) => [name, row.fields[name] ?? null])));
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  const listed = [...groups].map(([key, of]) => groupOf(key, of)).sort((a, b) => b.events - a.events);
  const { events, errors, bytesOut, bytesIn } = groupOf('{}', counted);
  return {
    schemaVersion: 1,
    generatedAt: report.generatedAt,
    period: report.period,
    app: report.app,
    apps: report.apps,
    by: [...by],
    sort,
    order,
    totals: { events, errors, bytesOut, bytesIn },
    groups: listed,
    groupsOmitted: 0,
    otherHosts: 0,
    timeline: { step: 'hour', measure: 'events', by: null, names: [], points: [] },
  };
}

function groupOf(key: string, rows: readonly MemoryRow[]): TrafficGroupJson {
  const seqs = rows.map(({ seq }) => seq);
  const times = rows.map(({ fields }) => Number(fields['time']) / 1000);
  const sum = (name: string): number => rows.reduce((total, { fields }) => total + Number(fields[name] ?? 0), 0);
  return {
    key: JSON.parse(key) as TrafficGroupJson['key'],
    events: rows.length,
    errors: rows.filter(({ fields }) => fields['outcome'] !== 'ok').length,
    bytesOut: sum('bytesOut'),
    bytesIn: sum('bytesIn'),
    firstSeen: new Date(Math.min(...times, Date.now())).toISOString(),
    lastSeen: new Date(Math.max(...times, 0)).toISOString(),
    firstSeq: Math.min(...seqs, 0),
    lastSeq: Math.max(...seqs, 0),
  };
}
