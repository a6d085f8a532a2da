import type { RollupEntry } from '@outwitness/event';

import type { RowLink } from './report-json.ts';

/** The rows that were folded into cells like this one: every member given must hold. */
export function cellLink(cell: Partial<RollupEntry>): RowLink {
  const { app, direction, channel, package: name, host, port, class: found, declared, vendor } = cell;
  const inbound = direction === 'in';
  const where: { [field: string]: string } = { kind: 'net' };
  const set = (field: string, value: string | undefined): void => {
    if (value !== undefined) where[field] = value;
  };
  set('app', app);
  set('direction', direction);
  set('channel', channel);
  set('package', name);
  // A leaf holds the host as asked; the rollup may have gathered it under (other).
  if (host !== '(other)') set(inbound ? 'listener' : 'host', host);
  if (port !== undefined) where[inbound ? 'localPort' : 'port'] = port < 0 ? '' : String(port);
  set('class', found);
  set('declared', declared);
  set('vendor', vendor);
  return { where, fromSeq: cell.firstSeq ?? null, toSeq: cell.lastSeq ?? null };
}

export function kindLink(
  where: { [field: string]: string },
  fromSeq: number | null = null,
  toSeq: number | null = null,
): RowLink {
  return { where, fromSeq, toSeq };
}
