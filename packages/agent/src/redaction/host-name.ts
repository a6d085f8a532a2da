import { isIdShaped } from './names.ts';
import { placeholder } from './segment.ts';

/** Second levels under which names are sold: `example.co.uk`. */
const SHARED = /^(?:ac|co|com|edu|gov|net|or|org|\w{2})$/;

/**
 * A host in strict mode: the domain that somebody owns stays, and of what he put in front of it the labels that do not look like ids. Addresses stay.
 */
export function strictHost(host: string): string {
  if (host.includes(':') || /^[\d.]+$/.test(host)) return host;
  const labels = host.split('.');
  const top = labels.at(-1) ?? '';
  const owned = labels.length < 2 ? 0 : top.length === 2 && SHARED.test(labels.at(-2) ?? '') ? 3 : 2;
  return labels
    .map((label, i) => (i >= labels.length - owned || !isIdShaped(label) ? label : placeholder(label)))
    .join('.');
}
