import type { Bound, Journal } from '@outwitness/ledger';
import {
  buildReport,
  catalogueText,
  type Catalogue,
  DEFAULT_CATALOGUE,
  type Facts,
  gather,
  parseCatalogue,
  type ReportJson,
  type ReportSource,
  type PeriodAsked,
  type SettingsFact,
  type TrafficJson,
  trafficOf,
  type TrafficQuery,
} from '@outwitness/report';

import type { LoadedCatalogue } from './catalogue-file.ts';

/** Which period and application. A bound by sequence number stands for the time of that row. */
export interface ReportAsked {
  from?: Bound;
  to?: Bound;
  app?: string;
}

/** Everything that a report over this ledger follows from. */
export async function factsOf(
  journal: Journal,
  source: ReportSource,
  settings: SettingsFact,
  catalogue: Catalogue,
  asked: ReportAsked,
): Promise<Facts> {
  return gather(source, { ...(await periodAsked(journal, asked)), settings, catalogue });
}

export async function periodAsked(journal: Journal, asked: ReportAsked): Promise<PeriodAsked> {
  const from = await timeOf(journal, asked.from);
  const to = await timeOf(journal, asked.to);
  return {
    now: Date.now() * 1_000,
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(asked.app === undefined ? {} : { app: asked.app }),
  };
}

export async function makeReport(...args: Parameters<typeof factsOf>): Promise<ReportJson> {
  return buildReport(await factsOf(...args));
}

export async function makeTraffic(
  journal: Journal,
  source: ReportSource,
  asked: ReportAsked & TrafficQuery,
): Promise<TrafficJson> {
  return trafficOf(source, await periodAsked(journal, asked), asked);
}

/** The catalogue of the newest `policy` row: the one that judged the newest rows. The digest is `''` if there is none. */
export async function catalogueInForce(journal: Journal): Promise<LoadedCatalogue> {
  const where = [
    { field: 'kind', value: 'policy' },
    { field: 'event', value: 'catalogue' },
  ];
  for await (const { leaf } of journal.scan({ order: 'newest', where, limit: 1 })) {
    const { catalogue: digest } = JSON.parse(leaf) as { catalogue: string };
    const text = await journal.text(digest);
    if (text !== undefined) return { catalogue: parseCatalogue(text, 'the ledger'), text, digest };
  }
  return { catalogue: DEFAULT_CATALOGUE, text: catalogueText(DEFAULT_CATALOGUE), digest: '' };
}

async function timeOf(journal: Journal, bound: Bound | undefined): Promise<number | undefined> {
  if (bound === undefined || 'time' in bound) return bound?.time;
  const [row] = await journal.rows(bound.seq, bound.seq + 1);
  return row === undefined ? undefined : (JSON.parse(row.leaf) as { time: number }).time;
}
