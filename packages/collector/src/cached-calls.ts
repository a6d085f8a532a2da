import { parseCanonical } from '@outwitness/event';
import type { Journal } from '@outwitness/ledger';
import type { TimeQuery } from '@outwitness/report';

const HOUR_US = 3_600_000_000;
const SLICE = 1_000;
/** How long one question may go on counting, ms. */
const AT_MOST_MS = 400;
const WHERE = [
  { field: 'kind', value: 'net' },
  { field: 'direction', value: 'out' },
  { field: 'basis', value: 'cached' },
];

/** Counts outbound calls whose caller was taken over from earlier ones, by hour and application. Every row is looked at once, so ask the same object again. */
export class CachedCalls {
  readonly #journal: Journal;
  readonly #byHour = new Map<number, Map<string, number>>();
  #readTo = -1;

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  /** @returns `null` while there are more rows left than can be looked at in one go; the next question goes on from there */
  async count({ from, to, app }: TimeQuery): Promise<number | null> {
    if (!(await this.#readOn())) return null;
    let count = 0;
    for (const [hour, byApp] of this.#byHour) {
      if (hour < from || hour >= to) continue;
      for (const [name, calls] of byApp) if (app === undefined || name === app) count += calls;
    }
    return count;
  }

  async #readOn(): Promise<boolean> {
    const size = await this.#journal.size();
    const until = performance.now() + AT_MOST_MS;
    while (this.#readTo < size - 1) {
      const query = { order: 'oldest', after: this.#readTo, to: { seq: size }, where: WHERE, limit: SLICE } as const;
      const { rows, next } = await this.#journal.page(query);
      for (const { leaf } of rows) this.#add(parseCanonical(leaf));
      this.#readTo = next ?? size - 1;
      if (performance.now() > until) return this.#readTo >= size - 1;
    }
    return true;
  }

  #add(row: ReturnType<typeof parseCanonical>): void {
    if (row['phase'] === 'end' || row['outcome'] === 'local') return;
    // As the rollup does: by the time of draining where the agent's clock was far off.
    const time = Number(row['time']) + Number(row['skew'] ?? 0);
    const hour = Math.floor(time / HOUR_US) * HOUR_US;
    const app = typeof row['app'] === 'string' ? row['app'] : '';
    let byApp = this.#byHour.get(hour);
    if (byApp === undefined) this.#byHour.set(hour, (byApp = new Map<string, number>()));
    byApp.set(app, (byApp.get(app) ?? 0) + 1);
  }
}
