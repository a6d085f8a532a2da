import type { Judge } from '@outwitness/event';
import { makeJudge, type SelfDeclared } from '@outwitness/report';
import type { LoadedCatalogue } from './catalogue-file.ts';
import { askedByAddon, SELF_DECLARED } from './self-declared.ts';

/** The catalogue in force and the judge made of it; replaced only after the catalogue's `policy` row is committed. */
export class Judging {
  #catalogue: LoadedCatalogue;
  #judge: Judge;
  #self: readonly SelfDeclared[] = SELF_DECLARED;

  constructor(catalogue: LoadedCatalogue) {
    this.#catalogue = catalogue;
    this.#judge = this.#make();
  }

  get catalogue(): LoadedCatalogue {
    return this.#catalogue;
  }

  readonly judge: Judge = (draft, manifest) => this.#judge(draft, manifest);

  replace(catalogue: LoadedCatalogue): void {
    this.#catalogue = catalogue;
    this.#judge = this.#make();
  }

  /** The report is, or was, shown there: the add-on in Odoo may ask it. */
  announce(local: string): void {
    this.#self = [...this.#self, ...askedByAddon(local)];
    this.#judge = this.#make();
  }

  #make(): Judge {
    const { catalogue, digest } = this.#catalogue;
    return makeJudge({ catalogue, digest, self: this.#self });
  }
}
