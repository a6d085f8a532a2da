/** Wording that rules share: names for people, never raw field values alone. */
import { hostPort } from './pair.ts';

export function nameOfPackage(name: string, version?: string): string {
  if (name === '') return 'a caller that could not be named';
  if (name === '(app)') return "the application's own code";
  if (name === '(node)') return 'Node.js itself';
  return `package ${name}${version === undefined || version === '' ? '' : ` ${version}`}`;
}

export function nameOfDestination(host: string, port: number): string {
  return host === '' ? 'a destination without a host name' : hostPort(host, port);
}

/** @example placeOf('lib/sync.js:41:9 push') // 'in lib/sync.js, line 41 (push)' */
export function placeOf(site: string | undefined): string | undefined {
  if (site === undefined) return undefined;
  const match = /^(.+):(\d+):\d+(?: (.+))?$/.exec(site);
  if (match === null) return `in ${site}`;
  return `in ${match[1] ?? ''}, line ${match[2] ?? ''}${match[3] === undefined ? '' : ` (${match[3]})`}`;
}

/** `1 call`, `3 calls` */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** Joins up to `most` texts for one sentence. */
export function listed(texts: readonly string[], most = 3): string {
  const shown = texts.slice(0, most);
  const rest = texts.length - shown.length;
  if (rest > 0) return `${shown.join(', ')} and ${rest} more`;
  return shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1) ?? ''}`;
}

/** @param us µs since 1970 UTC; any integer, a hostile one included */
export function isoTime(us: number): string {
  const date = new Date(us / 1000);
  return Number.isNaN(date.getTime()) ? new Date(0).toISOString() : date.toISOString();
}
