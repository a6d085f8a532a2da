import { OutwitnessError } from '@outwitness/event';

import type { ReportErrorCode } from './errors.ts';

/** Who sends where: what a lock file, an acknowledgement and the rule `new-pair` are about. */
export interface Pair {
  /** `''` = nobody could be named. */
  readonly package: string;
  readonly host: string;
  /** −1 = unknown. */
  readonly port: number;
}

const NOBODY = '(none)';

/** @example pairText({ package: 'stripe', host: 'api.stripe.com', port: 443 }) // 'stripe -> api.stripe.com:443' */
export function pairText(pair: Pair): string {
  return `${pair.package === '' ? NOBODY : pair.package} -> ${hostPort(pair.host, pair.port)}`;
}

/** `host:port`, with brackets around IPv6; without the port where it is not known. */
export function hostPort(host: string, port: number): string {
  if (port < 0) return host;
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** @throws OutwitnessError `pair-invalid` */
export function parsePair(text: string): Pair {
  const match = /^(\S+)\s+(?:->|→)\s+(\S+)$/.exec(text.trim());
  const target = match?.[2] ?? '';
  const withPort = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(target);
  const host = withPort?.[1] ?? withPort?.[2] ?? target;
  const port = withPort === null ? -1 : Number(withPort[3]);
  if (match === null || host === '' || port > 65_535 || /[[\]]/.test(host)) {
    throw new OutwitnessError<ReportErrorCode>(
      'pair-invalid',
      `expected a pair such as "stripe -> api.stripe.com:443", got ${JSON.stringify(text)}. Write package, arrow and destination.`,
    );
  }
  const name = match[1] ?? '';
  return { package: name === NOBODY ? '' : name, host: host.toLowerCase(), port };
}

/** Is the pair among those accepted? One without a port covers every port. */
export function isAcknowledged(acknowledged: readonly Pair[], pair: Pair): boolean {
  return acknowledged.some(
    (one) =>
      one.package === pair.package && one.host === pair.host.toLowerCase() && (one.port < 0 || one.port === pair.port),
  );
}
