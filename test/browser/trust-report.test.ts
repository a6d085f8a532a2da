import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import type { ReportJson } from '@outwitness/report';
import type { Browser, Locator } from 'playwright-core';

import { auditedCourier, type Courier } from './audited-courier.ts';
import { startChromium } from './chromium.ts';
import { countBySql } from './counted-by-sql.ts';
import { at, differences, type Figure, figuresOn } from './shown-figures.ts';
import { type Visitor, visitor } from './visitor.ts';

const NEW_ROW_MS = 3_000;
const ALL_TABLES = '/?distribution=table&timeline=table';
/** Move by themselves while nothing happens: the newest signature and the newest verification. */
const RESTLESS = /^chips\.|^period\./;

const { browser, reason } = await startChromium();

if (browser === undefined) {
  test('the Trust Report in a real browser', { skip: reason }, () => {});
} else {
  trustReportTests(browser);
}

function trustReportTests(chromium: Browser): void {
  let courier: Courier;
  let guest: Visitor;

  before(async () => {
    courier = await auditedCourier();
    guest = await visitor(chromium);
    for (let i = 0; i < 5; i++) await courier.send();
  });
  after(async () => {
    await chromium.close();
    await courier?.stop();
  });

  /** The page and the report of one moment: nothing was written between the two looks at the page. */
  async function together(): Promise<{ figures: Figure[]; report: ReportJson }> {
    const settled = (figures: readonly Figure[]): string =>
      JSON.stringify(figures.filter(({ of }) => !RESTLESS.test(of)));
    for (let tries = 0; tries < 20; tries++) {
      const first = await figuresOn(guest.page);
      const report = await courier.report();
      const figures = await figuresOn(guest.page);
      if (first.length > 0 && settled(first) === settled(figures) && differences(figures, report).length === 0) {
        return { figures, report };
      }
      await sleep(500);
    }
    return { figures: await figuresOn(guest.page), report: await courier.report() };
  }

  test('the printed link signs in, once, and its token does not stay in the address', async () => {
    await guest.page.goto(courier.link);
    await guest.page.waitForSelector('.verdict');
    assert.equal(guest.page.url(), `${courier.url}/`);

    const second = await visitor(chromium);
    await second.page.goto(courier.link);
    await second.page.waitForSelector('.sign-in .problem:not(:empty)');
    assert.match(await second.page.innerText('.sign-in .problem'), /used before/);
    await second.close();
  });

  test('every number on the page is that of report --json, and of SQL over the rows', async () => {
    await guest.page.goto(courier.url + ALL_TABLES);
    await guest.page.waitForSelector('[data-of="totals.events"][value="15"]');
    const { figures, report } = await together();
    assert.deepEqual(differences(figures, report), []);

    const shown = new Map(figures.map(({ of, value }) => [of, value]));
    const counted = countBySql(courier.data, report);
    for (const [of, value] of Object.entries(counted)) {
      const onPage = shown.get(of) ?? String(at(report, of));
      assert.equal(onPage, String(value), `${of} by SQL`);
    }
    for (const of of [
      ...Object.keys(counted).filter((path) => !path.startsWith('totals.') || path === 'totals.events'),
      ...report.destinations.flatMap(({ direction }, i) =>
        direction === 'out'
          ? ['events', 'bytesOut', 'bytesIn', 'lastSeen'].map((name) => `destinations.${i}.${name}`)
          : [],
      ),
      ...report.timeline.points.flatMap((_, i) =>
        ['at', 'in', 'out', 'bytesOut', 'bytesIn'].map((name) => `timeline.points.${i}.${name}`),
      ),
      ...report.bytes.flatMap((_, i) => [`bytes.${i}.bytesOut`, `bytes.${i}.bytesIn`]),
      ...report.reasons.map((_, i) => `reasons.${i}.count`),
      ...report.vendors.flatMap((_, i) => (report.totals.vendor > 0 ? [`vendors.${i}.events`] : [])),
      'coverage.missing',
      'chips.gaps.count',
    ]) {
      assert.ok(shown.has(of), `${of} is not on the page`);
    }
    // The one sum that the page makes itself.
    const unnamed = await guest.page
      .locator('main data:not([data-of])')
      .evaluateAll((found) => found.map((element) => Number(element.getAttribute('value'))));
    assert.deepEqual(unnamed, [report.cards.out.errors + report.cards.in.errors]);
    assert.equal(report.totals.events, 15);
  });

  test('verdict, reasons, chips and limits are those of the report, in words', async () => {
    const { report } = await together();
    const { page } = guest;
    assert.equal(await page.getAttribute('.verdict', 'data-verdict'), report.verdict);
    const reasons = await page.locator('.reason .reason-text').allInnerTexts();
    assert.deepEqual(
      reasons,
      report.reasons.map(({ text }) => text),
    );
    for (const [name, { state, text }] of Object.entries(report.chips)) {
      const chip = page.locator(`[data-chip="${name}"]`);
      assert.equal(await chip.getAttribute('data-state'), state, name);
      assert.ok((await chip.innerText()).includes(text) || name === 'checkpoint', `${name}: ${text}`);
    }
    assert.deepEqual(await page.locator('.not-proven li').allInnerTexts(), report.coverage.notChecked);
    const pairs = report.destinations.filter(({ direction }) => direction === 'out');
    assert.equal(await page.locator('.destinations tbody tr').count(), pairs.length);
  });

  test('the drawing has the numbers of its table', async () => {
    await guest.page.goto(`${courier.url}/`);
    await guest.page.waitForSelector('.donut-arc');
    const { report } = await together();
    const arcs = await guest.page
      .locator('.donut-arc')
      .evaluateAll((found) =>
        found.map((arc) => [arc.getAttribute('data-class'), Number(arc.getAttribute('data-events'))]),
      );
    assert.deepEqual(
      arcs,
      report.distribution.filter(({ events }) => events > 0).map(({ class: name, events }) => [name, events]),
    );
    const sent = await guest.page
      .locator('.step rect[data-flow="out"]')
      .evaluateAll((bars) => bars.map((bar) => Number(bar.getAttribute('data-bytes'))));
    assert.deepEqual(
      sent,
      report.timeline.points.map(({ bytesOut }) => bytesOut).filter((value) => value > 0),
    );
  });

  test('a new call changes the open page within 3 s, without a reload', async () => {
    const { page } = guest;
    await page.goto(`${courier.url}/`);
    await page.waitForSelector('.live[data-on="true"]');
    const shown = page.locator('[data-of="totals.events"]').first();
    for (let round = 0; round < 3; round++) {
      const known = Number(await shown.getAttribute('value'));
      await courier.send();
      const sent = performance.now();
      await page.waitForSelector(`.card [data-of="totals.events"][value="${known + 3}"]`, { timeout: 30_000 });
      const took = performance.now() - sent;
      assert.ok(took < NEW_ROW_MS, `it took ${Math.round(took)} ms`);
    }
  });

  test('each link to rows leads to as many rows as its number says', async () => {
    const { page } = guest;
    await page.goto(`${courier.url}/`);
    await page.waitForSelector('.legend');
    const { report } = await together();
    const internal = report.distribution.find(({ class: name }) => name === 'internal')?.events ?? 0;
    assert.ok(internal > 0);
    const follow = async (link: string, rows: number): Promise<void> => {
      await page.goto(courier.url + link);
      await page.waitForSelector('.log-foot:has-text("oldest that matches")');
      const foot = await page.innerText('.log-foot');
      assert.ok(foot.startsWith(`${rows} ${rows === 1 ? 'row' : 'rows'}.`), `${rows} expected, ${foot} at ${link}`);
    };
    const hrefs = (links: Locator): Promise<string[]> =>
      links.evaluateAll((found) => found.map((link) => link.getAttribute('href') ?? ''));
    const [legend = ''] = await hrefs(page.locator('.legend a', { hasText: 'Internal' }));
    const lines = await hrefs(page.locator('.destinations tbody th a'));
    await follow(legend, internal);
    const out = report.destinations.filter(({ direction }) => direction === 'out');
    const events = out.map(({ host, port, events: calls }) => [`${host ?? ''}:${port ?? ''}`, calls] as const);
    assert.equal(lines.length, events.length);
    for (const link of lines) {
      const host = /where=host%3D([^&]+)/.exec(link)?.[1] ?? '';
      await follow(link, events.find(([name]) => name.startsWith(`${decodeURIComponent(host)}:`))?.[1] ?? -1);
    }
  });

  test('no policy was violated and no script failed', async () => {
    assert.deepEqual(await guest.complaints(), []);
  });
}
