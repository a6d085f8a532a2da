/// <reference lib="dom" />
/** The Traffic Summary: its figures beside the report's and beside SQL over the rows, its address, its links. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, test } from 'node:test';

import type { TrafficJson } from '@outwitness/report';
import type { Browser, Page } from 'playwright-core';

import { auditedCourier, type Courier } from './audited-courier.ts';
import { startChromium } from './chromium.ts';
import { differences, figuresOn } from './shown-figures.ts';
import { type Visitor, visitor } from './visitor.ts';

const SENDINGS = 6;
/** One call in, two out. */
const CALLS = 3 * SENDINGS;
const NEW_ROW_MS = 3_000;
const EVENTS = `sum(leaf ->> '$.phase' IN ('whole', 'open'))`;
const COUNTED = `kind = 'net' AND outcome IS NOT 'local' AND app <> 'outwitness'`;

const { browser, reason } = await startChromium();

if (browser === undefined) {
  test('the Traffic Summary in a real browser', { skip: reason }, () => {});
} else {
  trafficTests(browser);
}

function trafficTests(chromium: Browser): void {
  let courier: Courier;
  let guest: Visitor;
  let page: Page;

  before(async () => {
    courier = await auditedCourier();
    guest = await visitor(chromium);
    ({ page } = guest);
    await page.goto(courier.link);
    await page.waitForSelector('.verdict');
    for (let i = 0; i < SENDINGS; i++) await courier.send();
    await page.waitForSelector(`.card [data-of="totals.events"][value="${CALLS}"]`);
  });
  after(async () => {
    await chromium.close();
    await courier?.stop();
  });

  async function open(query: string): Promise<TrafficJson> {
    await page.goto(`${courier.url}/traffic${query}`);
    await page.waitForSelector('.counts');
    const answer = await page.request.get(`${courier.url}/api/traffic${query}`);
    return (await answer.json()) as TrafficJson;
  }

  function bySql(sql: string): Record<string, unknown>[] {
    const db = new DatabaseSync(join(courier.data, 'ledger.db'), { readOnly: true });
    try {
      return db.prepare(sql).all();
    } finally {
      db.close();
    }
  }

  test('it is reached from the navigation, and every number is that of the API', async () => {
    await page.click('nav.screens >> text=Traffic Summary');
    await page.waitForSelector('.counts');
    assert.equal(page.url(), `${courier.url}/traffic`);
    for (const query of ['', '?by=hour&by=class&by=direction&over=table', '?by=app&by=port&sort=bytesOut']) {
      const traffic = await open(query);
      const figures = await figuresOn(page);
      assert.deepEqual(differences(figures, traffic), []);
      const shown = new Set(figures.map(({ of }) => of));
      for (const [index] of traffic.groups.entries())
        for (const name of ['events', 'errors', 'bytesOut', 'bytesIn', 'firstSeen', 'lastSeen'])
          assert.ok(shown.has(`groups.${index}.${name}`), `groups.${index}.${name} is not on the page`);
      assert.equal(await page.locator('.counts tbody tr').count(), traffic.groups.length);
    }
  });

  test('groups add up to the report, and each is what SQL counts in the rows', async () => {
    const report = await courier.report();
    for (const [query, key] of [
      ['?by=package', 'package'],
      ['?by=class', 'class'],
      ['?by=channel', 'channel'],
      ['?by=hour', 'time / 3600000000'],
    ] as const) {
      const { totals, groups } = await open(query);
      assert.equal(totals.events, report.totals.events, query);
      assert.equal(totals.errors, report.cards.in.errors + report.cards.out.errors, query);
      assert.equal(totals.bytesOut, report.cards.in.bytesOut + report.cards.out.bytesOut, query);
      assert.equal(totals.bytesIn, report.cards.in.bytesIn + report.cards.out.bytesIn, query);
      for (const measure of ['events', 'errors', 'bytesOut', 'bytesIn'] as const) {
        const sum = groups.reduce((all, group) => all + group[measure], 0);
        assert.equal(sum, totals[measure], `${query} ${measure}`);
      }
      const counted = bySql(
        `SELECT ${EVENTS} AS events, min(seq) AS first, max(seq) AS last FROM rows WHERE ${COUNTED} GROUP BY ${key}`,
      );
      const figures = (rows: readonly number[][]): number[][] => rows.toSorted(([, a = 0], [, b = 0]) => a - b);
      assert.deepEqual(
        figures(groups.map(({ events, firstSeq, lastSeq }) => [events, firstSeq, lastSeq])),
        figures(counted.map(({ events, first, last }) => [Number(events), Number(first), Number(last)])),
      );
    }
  });

  test('the drawing has the numbers of its table', async () => {
    const { timeline } = await open('?by=class');
    const drawn = await page
      .locator('.step rect[data-series]')
      .evaluateAll((bars) =>
        bars.map((bar) => [bar.getAttribute('data-series'), Number(bar.getAttribute('data-value'))]),
      );
    const expected = timeline.points.flatMap(({ values }) =>
      values.flatMap((value, place) => (value > 0 ? [[timeline.names[place], value]] : [])),
    );
    assert.ok(expected.length > 0);
    assert.deepEqual(drawn, expected);
  });

  test('dimensions, filters and order are chosen on the page and stand in its address', async () => {
    await open('');
    await page.getByRole('checkbox', { name: 'Class' }).uncheck();
    await page.getByRole('checkbox', { name: 'Channel' }).check();
    assert.equal(new URL(page.url()).search, '?by=package&by=host&by=channel');
    assert.ok(await page.getByRole('checkbox', { name: 'Direction' }).isDisabled());
    await page.waitForSelector('.counts th:has-text("Channel")');

    await page.selectOption('.add-filter select >> nth=0', 'direction');
    await page.fill('.add-filter input', 'out');
    await page.click('.add-filter button');
    await page.waitForSelector(`[data-of="totals.events"][value="${2 * SENDINGS}"]`);
    await page.click('.filter >> text=direction');
    await page.waitForSelector(`[data-of="totals.events"][value="${SENDINGS}"]`);
    assert.ok(new URL(page.url()).searchParams.getAll('not').includes('direction=out'));

    await page.click('.filter .filter-off');
    await page.waitForSelector(`[data-of="totals.events"][value="${CALLS}"]`);
    await page.click('.counts thead >> text=Sent');
    await page.waitForSelector('.counts th[aria-sort="descending"]:has-text("Sent")');
    const sent = async (): Promise<number[]> =>
      page
        .locator('.counts tbody [data-of$=".bytesOut"]')
        .evaluateAll((found) => found.map((one) => Number(one.getAttribute('value'))));
    const most = await sent();
    assert.deepEqual(
      most,
      most.toSorted((a, b) => b - a),
    );
    await page.click('.counts thead >> text=Sent');
    await page.waitForSelector('.counts th[aria-sort="ascending"]:has-text("Sent")');
    assert.deepEqual(await sent(), most.toReversed());

    await page.selectOption('.group-time select', 'day');
    await page.waitForSelector('.counts th:has-text("Day (UTC)")');
    const address = page.url();
    await page.reload();
    await page.waitForSelector('.counts th:has-text("Day (UTC)")');
    assert.equal(page.url(), address);
  });

  test('the last dimension cannot be taken off, and an address that asks for nonsense says what it expected', async () => {
    await open('?by=vendor');
    assert.ok(await page.getByRole('checkbox', { name: 'Vendor' }).isDisabled());
    await page.goto(`${courier.url}/traffic?by=colour`);
    await page.waitForSelector('.problem.banner');
    await page.goto(`${courier.url}/traffic?where=host%3Dnowhere.test`);
    await page.waitForSelector('.empty >> text=Take a filter off');
  });

  test('each group leads to as many rows of the Audit Log as it counts', async () => {
    for (const query of [
      '',
      '?by=hour&by=app',
      '?by=port&not=package%3Dnothing',
      '?by=channel&where=host%3D127.0.0.1',
    ]) {
      const { groups } = await open(query);
      assert.ok(groups.length > 0, query);
      const links = await page
        .locator('.counts tbody th a')
        .evaluateAll((found) => found.map((link) => link.getAttribute('href') ?? ''));
      for (const [index, { events }] of groups.entries()) {
        await page.goto(courier.url + (links[index] ?? ''));
        await page.waitForSelector('.log-foot:has-text("oldest that matches")');
        const foot = await page.innerText('.log-foot');
        assert.ok(
          foot.startsWith(`${events} ${events === 1 ? 'row' : 'rows'}.`),
          `${events} expected, ${foot}: ${query}`,
        );
      }
    }
  });

  test('a new call is counted on the open page within 3 s', async () => {
    await page.goto(`${courier.url}/traffic`);
    await page.waitForSelector('.live[data-on="true"]');
    await page.waitForSelector(`[data-of="totals.events"][value="${CALLS}"]`);
    await courier.send();
    const sent = performance.now();
    await page.waitForSelector(`[data-of="totals.events"][value="${CALLS + 3}"]`, { timeout: 30_000 });
    const took = performance.now() - sent;
    assert.ok(took < NEW_ROW_MS, `it took ${Math.round(took)} ms`);
  });

  test('on a narrow screen the order is chosen beside the list, and nothing is wider than the window', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    await open('');
    await page.selectOption('.sort-choice select', 'bytesIn');
    await page.waitForURL(/sort=bytesIn/);
    // A browser that is made narrower comes to rest a moment later.
    await page.waitForFunction(
      () => document.documentElement.scrollWidth <= document.documentElement.clientWidth,
      undefined,
      { timeout: 5_000 },
    );
    const current = await page.locator('.screens [aria-current]').boundingBox();
    assert.ok(current !== null && current.x >= 0 && current.x + current.width <= 390);
  });

  test('no policy was violated and no script failed', async () => {
    const complaints = (await guest.complaints()).filter((text) => !text.includes('status of 400'));
    assert.deepEqual(complaints, []);
  });
}
