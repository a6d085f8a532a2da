import type { Journal } from '@outwitness/ledger';
import { type CatalogueSourceJson, type ComponentsJson, componentsOf, type ReportSource } from '@outwitness/report';
import type { SettingsJson } from '@outwitness/server';

import type { LoadedCatalogue } from './catalogue-file.ts';
import { periodAsked, type ReportAsked } from './make-report.ts';

/** The catalogue in force, where it comes from, and what was seen of its entries. */
export async function makeComponents(
  journal: Journal,
  source: ReportSource,
  { catalogue, digest }: LoadedCatalogue,
  settings: SettingsJson,
  asked: ReportAsked,
): Promise<ComponentsJson> {
  const path = settings.settings.find(({ name }) => name === 'catalogue')?.value;
  return componentsOf(source, await periodAsked(journal, asked), {
    catalogue,
    source: {
      digest: digest === '' ? null : digest,
      since: await inForceSince(journal, digest),
      file: typeof path === 'string' && path !== '' ? path : null,
      settings: settings.file,
    },
  });
}

/** The newest row that put a catalogue of this digest in force. */
async function inForceSince(journal: Journal, digest: string): Promise<CatalogueSourceJson['since']> {
  const where = [
    { field: 'kind', value: 'policy' },
    { field: 'event', value: 'catalogue' },
    { field: 'catalogue', value: digest },
  ];
  for await (const { seq, leaf } of journal.scan({ order: 'newest', where, limit: 1 })) {
    const { time } = JSON.parse(leaf) as { time: number };
    return { seq, at: new Date(time / 1_000).toISOString() };
  }
  return null;
}
