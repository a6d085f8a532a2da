import type { Judge } from '@outwitness/event';
import { makeJudge } from '@outwitness/report';
import type { LoadedCatalogue } from './catalogue-file.ts';
import { SELF_DECLARED } from './self-declared.ts';

/** The catalogue in force and the judge made of it; replaced only after the catalogue's `policy` row is committed. */
export class Judging {
  #catalogue: LoadedCatalogue;
  #judge: Judge;

  constructor(catalogue: LoadedCatalogue) {
    this.#catalogue = catalogue;
    this.#judge = judgeBy(catalogue);
  }

  get catalogue(): LoadedCatalogue {
    return this.#catalogue;
  }

  readonly judge: Judge = (draft, manifest) => this.#judge(draft, manifest);

  replace(catalogue: LoadedCatalogue): void {
    this.#catalogue = catalogue;
    this.#judge = judgeBy(catalogue);
  }
}

function judgeBy({ catalogue, digest }: LoadedCatalogue): Judge {
  return makeJudge({ catalogue, digest, self: SELF_DECLARED });
}
