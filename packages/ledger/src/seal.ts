import { parseCanonical } from '@outwitness/event';
import type { Members } from './cleaning.ts';

/** Counts over all rows before a place in the chain. */
export interface Counts {
  net: number;
  gaps: number;
  missing: number;
  /** Rows whose leaves retention never drops; absent in a ledger that began without this count. */
  kept?: number;
}

/** Kinds by which keys, policies and ages are judged later on: docs/formats/chain.md, "Retention". */
export const KEPT_KINDS: readonly string[] = ['genesis', 'key', 'policy', 'vacuum', 'erase'];

export interface Digested {
  readonly entries: number;
  readonly digest: string;
}

export interface SealFacts {
  readonly epoch: number;
  /** µs. */
  readonly wall: number;
  readonly monotonic: number;
  readonly boot: string;
  /** Its own `seq`. */
  readonly rows: number;
  readonly counts: Counts;
  readonly pending: Digested;
  readonly writers: Digested;
  /** `name offset n` of files that moved. */
  readonly spools: readonly string[];
  readonly uids: readonly string[];
  readonly closing: boolean;
}

const MOST_SPOOLS = 64;
const MOST_UIDS = 16;

/** The members of a seal row; docs/formats/checkpoint.md, "Seal". */
export function sealMembers(facts: SealFacts): Members {
  return {
    kind: 'seal',
    time: facts.wall,
    epoch: facts.epoch,
    wall: facts.wall,
    monotonic: facts.monotonic,
    boot: facts.boot,
    rows: facts.rows,
    ...facts.counts,
    pending: facts.pending.entries,
    pendingDigest: facts.pending.digest,
    writersDigest: facts.writers.digest,
    spools: [...facts.spools].sort().slice(0, MOST_SPOOLS),
    uids: [...facts.uids].sort().slice(0, MOST_UIDS),
    ...(facts.closing ? { closing: true } : {}),
  };
}

/** What the newest seal says about everything before it. */
export interface SealState {
  readonly epoch: number;
  readonly counts: Counts;
  readonly wall: number;
  readonly monotonic: number;
  readonly boot: string;
  readonly pendingDigest: string;
  readonly writersDigest: string;
  /** uids of audited processes that any seal has named. */
  readonly appUids: readonly number[];
}

/** @returns `undefined` if the leaf is no seal */
export function readSeal(leaf: string): SealState | undefined {
  const row = parseCanonical(leaf);
  if (row['kind'] !== 'seal') return undefined;
  const int = (name: string): number => Number(row[name] ?? 0);
  const kept = row['kept'] === undefined ? {} : { kept: int('kept') };
  return {
    epoch: int('epoch'),
    counts: { net: int('net'), gaps: int('gaps'), missing: int('missing'), ...kept },
    wall: int('wall'),
    monotonic: int('monotonic'),
    boot: String(row['boot']),
    pendingDigest: String(row['pendingDigest']),
    writersDigest: String(row['writersDigest']),
    appUids: appUids(row['uids']),
  };
}

function appUids(said: unknown): number[] {
  if (!Array.isArray(said)) return [];
  return (said as string[]).filter((one) => one.startsWith('app=')).map((one) => Number(one.slice(4)));
}

/** Counts one more row. */
export function countRow(counts: Counts, members: { readonly kind?: unknown; readonly missing?: unknown }): void {
  if (counts.kept !== undefined && KEPT_KINDS.includes(String(members.kind))) counts.kept++;
  if (members.kind === 'net') counts.net++;
  if (members.kind !== 'gap') return;
  counts.gaps++;
  counts.missing += typeof members.missing === 'number' ? members.missing : 0;
}
