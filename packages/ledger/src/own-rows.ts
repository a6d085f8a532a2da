import { type ControlEvent, FIELDS, type FlatValue, type GapEvent } from '@outwitness/event';
import { fitted, type Members } from './cleaning.ts';
import { sha256Hex } from './writer-state.ts';

/** What somebody did: a sign-in, an export, a change of settings. */
export interface OwnControl {
  readonly kind: 'control';
  readonly event: ControlEvent;
  /** `collector` `cli` `viewer` `operator` `officer` `admin` `unknown` */
  readonly actor: string;
  /** One sentence for people. */
  readonly text: string;
  readonly app?: string;
}

/** What the collector itself knows to be missing, such as a process in which no agent could start. */
export interface OwnGap {
  readonly kind: 'gap';
  readonly event: GapEvent;
  readonly text: string;
  readonly missing: number;
  readonly count: number;
  readonly app?: string;
  readonly pid?: number;
  readonly thread?: number;
  readonly spool?: string;
}

/** The catalogue that judges from here on. Comes before the first row that it judges. */
export interface OwnPolicy {
  readonly kind: 'policy';
  /** The whole text of the catalogue. */
  readonly catalogue: string;
  /** One sentence for people. */
  readonly text: string;
}

/** How long leaves are kept from here on; docs/formats/chain.md, "Retention". */
export interface OwnRetention {
  readonly kind: 'policy';
  /** Days; 0 = for good. */
  readonly keepDays: number;
  /** One sentence for people. */
  readonly text: string;
}

/** A row that the collector makes itself. */
export type OwnRow = OwnControl | OwnGap | OwnPolicy | OwnRetention;

/** @param texts receives the text of a catalogue by its digest */
export function ownRow(row: OwnRow, now: number, texts: Map<string, string>): Members {
  if (row.kind === 'policy' && 'keepDays' in row) {
    return { kind: 'policy', event: 'retention', keepDays: row.keepDays, text: fit('text', row.text), time: now };
  }
  if (row.kind === 'policy') {
    const catalogue = sha256Hex(row.catalogue);
    texts.set(catalogue, row.catalogue);
    return { kind: 'policy', event: 'catalogue', catalogue, text: fit('text', row.text), time: now };
  }
  const members: Members = { time: now };
  for (const [name, value] of Object.entries(row) as [string, FlatValue | undefined][]) {
    if (value !== undefined) members[name] = fit(name, value);
  }
  return members;
}

function fit(name: string, value: FlatValue): FlatValue {
  const type = FIELDS[name];
  return type === undefined ? value : fitted(name, type, value, []);
}
