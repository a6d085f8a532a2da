import { ledgerError } from './errors.ts';
import type { Store } from './store.ts';

/** The catalogues whose texts the ledger holds: a judgement without the text that it was made by proves nothing. */
export class Catalogues {
  readonly #store: Pick<Store, 'text'>;
  readonly #known = new Set<string>();

  constructor(store: Pick<Store, 'text'>) {
    this.#store = store;
  }

  /**
   * @param named digests that rows of a batch were judged by
   * @param texts texts that the same batch brings
   * @throws OutwitnessError `catalogue-unknown`
   */
  async ensureKnown(named: ReadonlySet<string>, texts: ReadonlyMap<string, string>): Promise<void> {
    for (const digest of named) {
      if (this.#known.has(digest) || texts.has(digest)) continue;
      if ((await this.#store.text(digest)) === undefined) {
        throw ledgerError(
          'catalogue-unknown',
          `a row was judged by catalogue ${digest}, whose text is not in the ledger. Append its policy row first.`,
        );
      }
      this.#known.add(digest);
    }
  }
}
