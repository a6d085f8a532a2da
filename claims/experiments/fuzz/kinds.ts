/** All kinds of input. Which kind an input is of follows from its number, so one input can be made again alone. */
import { BEFORE, COMPARED } from './bundles-beside.ts';
import { BUNDLES } from './bundles.ts';
import type { Kind } from './kind.ts';
import { LOGS } from './logs.ts';
import { NOTES, PINS } from './notes.ts';
import { PAGES } from './pages.ts';
import { PROOFS } from './proofs.ts';
import { SIGNED_ANEW } from './signed-anew.ts';
import { SPLIT_VIEWS } from './split-views.ts';
import { SPOOL_FOLDERS } from './spool-folders.ts';
import { SPOOLS } from './spools.ts';

const KINDS: readonly Kind[] = [
  PROOFS,
  NOTES,
  PINS,
  SPLIT_VIEWS,
  BUNDLES,
  COMPARED,
  BEFORE,
  SIGNED_ANEW,
  PAGES,
  LOGS,
  SPOOLS,
  SPOOL_FOLDERS,
];

/** Kinds turn by turn, so that a short run has all of them too. */
const CYCLE: readonly Kind[] = KINDS.flatMap((kind) =>
  Array.from({ length: kind.share }, (_, n) => ({ kind, place: (n + 0.5) / kind.share })),
)
  .toSorted((a, b) => a.place - b.place)
  .map(({ kind }) => kind);

export const KIND_NAMES: readonly string[] = KINDS.map(({ name }) => name);

export function kindOf(index: number): Kind {
  const kind = CYCLE[index % CYCLE.length];
  if (kind === undefined) throw new RangeError(`no input has the number ${index}`);
  return kind;
}
