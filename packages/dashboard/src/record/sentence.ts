/** A row in one line, for people. */
import { bytes } from '../format.ts';

export type Leaf = Readonly<Record<string, unknown>>;

export function textOf(leaf: Leaf, name: string): string | undefined {
  const value = leaf[name];
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : undefined;
}

/** `host:port/path`, or whatever the channel has instead. */
export function targetOf(leaf: Leaf): string {
  const host = textOf(leaf, leaf['direction'] === 'in' ? 'listener' : 'host') ?? textOf(leaf, 'host');
  const port = textOf(leaf, leaf['direction'] === 'in' ? 'localPort' : 'port');
  const path = textOf(leaf, 'path') ?? '';
  if (host === undefined) return path === '' ? '–' : path;
  return `${host.includes(':') ? `[${host}]` : host}${port === undefined ? '' : `:${port}`}${path}`;
}

const KINDS: Readonly<Record<string, string>> = {
  genesis: 'The first row: it introduces the keys of this ledger',
  seal: 'Seal: counts of the rows before it, signed',
  policy: 'The catalogue that judges from here on',
};

export function sentenceOf(leaf: Leaf): string {
  const kind = textOf(leaf, 'kind') ?? 'row';
  if (kind !== 'net') return textOf(leaf, 'text') ?? KINDS[kind] ?? `A row of kind ${kind}`;
  const app = textOf(leaf, 'app') ?? 'The application';
  if (leaf['direction'] === 'in') {
    return `${textOf(leaf, 'peerAddress') ?? 'Somebody'} called ${app} at ${targetOf(leaf)}`;
  }
  const by = textOf(leaf, 'package');
  const sent = leaf['bytesOut'];
  const amount = typeof sent === 'number' ? ` and sent ${bytes(sent)}` : '';
  return `${by === undefined ? `Something in ${app} that could not be named` : `${by} in ${app}`} called ${targetOf(leaf)}${amount}`;
}
