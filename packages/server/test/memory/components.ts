/** A catalogue of one vendor, counted straight from rows, as docs/reference/json.md words it. */
import type { ComponentsJson, ReportJson, SightJson } from '../../src/index.ts';
import type { MemoryRow } from './ledger.ts';

const DIGEST = 'c0'.repeat(32);

export function componentsOf(rows: readonly MemoryRow[], report: ReportJson): ComponentsJson {
  const out = rows.filter(({ fields }) => fields['direction'] === 'out' && fields['outcome'] !== 'local');
  const acme = out.filter(({ fields }) => fields['vendor'] === 'Acme');
  const seen = sightOf(acme);
  const { vendor, thirdParty, internal, unclassified, events } = report.cards.out;
  return {
    schemaVersion: 1,
    generatedAt: report.generatedAt,
    period: report.period,
    app: report.app,
    apps: report.apps,
    catalogue: { digest: DIGEST, since: null, file: '/srv/catalogue.json', settings: '/srv/outwitness.config.json' },
    outbound: { events, watched: vendor, vendors: 0, declared: thirdParty, internal, unclassified },
    vendors: [
      {
        name: 'Acme',
        watched: true,
        listed: true,
        seen,
        outside: 0,
        components: [
          {
            id: 'licence',
            name: 'Licence check',
            purpose: null,
            hosts: [{ pattern: 'licence.acme.test', events: seen.events }],
            ports: [],
            methods: [],
            paths: [],
            seen,
            shared: false,
          },
        ],
        elsewhere: 0,
      },
    ],
    internal: [],
    internalByName: sightOf(out.filter(({ fields }) => fields['class'] === 'internal')),
    hosts: [],
    acknowledged: [],
    manifests: [],
    unclassified: [],
    unclassifiedOmitted: 0,
  };
}

function sightOf(rows: readonly MemoryRow[]): SightJson {
  const sum = (name: string): number => rows.reduce((total, { fields }) => total + Number(fields[name] ?? 0), 0);
  const newest = rows.at(-1);
  return {
    events: rows.length,
    bytesOut: sum('bytesOut'),
    bytesIn: sum('bytesIn'),
    packages: [...new Set(rows.map(({ fields }) => String(fields['package'])))],
    packagesOmitted: 0,
    lastSeen: newest === undefined ? null : new Date(Number(newest.fields['time']) / 1000).toISOString(),
    lastSeq: newest?.seq ?? null,
  };
}
