/** All experiments, theme by theme. */
import { BUNDLES } from './bundles.ts';
import { COMPARISONS } from './comparisons.ts';
import { DERIVED } from './derived.ts';
import type { Experiment } from './experiment.ts';
import { KEYS } from './keys.ts';
import { LEAVES } from './leaves.ts';
import { NOTES } from './notes.ts';
import { PAGES } from './pages.ts';
import { PINS } from './pins.ts';
import { PREDECESSORS } from './predecessors.ts';
import { RETENTION } from './retention.ts';
import { ROWS } from './rows.ts';
import { SCHEMA } from './schema.ts';
import { SPOOLS } from './spools.ts';
import { SPLIT_VIEWS } from './split-views.ts';

export const EXPERIMENTS: readonly Experiment[] = [
  ...ROWS,
  ...NOTES,
  ...KEYS,
  ...SCHEMA,
  ...PAGES,
  ...DERIVED,
  ...LEAVES,
  ...BUNDLES,
  ...RETENTION,
  ...SPLIT_VIEWS,
  ...PREDECESSORS,
  ...PINS,
  ...SPOOLS,
  ...COMPARISONS,
];
