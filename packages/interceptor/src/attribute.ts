import type { ConnRecord, DoneRecord, OpenRecord } from '@outwitness/event';
import type { Draft, Origin } from './ports.ts';

/** Writes into a record who is responsible. */
export function attribute(record: Draft<OpenRecord> | Draft<ConnRecord> | Draft<DoneRecord>, origin: Origin): void {
  record.basis = origin.basis;
  if (origin.package !== undefined) record.package = origin.package;
  if (origin.packageVersion !== undefined) record.packageVersion = origin.packageVersion;
  if (origin.site !== undefined) record.site = origin.site;
  if (origin.via !== undefined) record.via = origin.via;
  if (origin.chain !== undefined) record.chain = origin.chain;
}
