/// <reference lib="dom" />
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import type { Browser, Page } from 'playwright-core';

import { journal } from '../../claims/system/outwitness.ts';
import { auditedCourier, type Courier } from './audited-courier.ts';
import { startChromium } from './chromium.ts';
import { type Visitor, visitor } from './visitor.ts';

const NEW_ROW_MS = 3_000;
/** Makes more rows than one page of the log holds. */
const SENDINGS = 120;

const { browser, reason } = await startChromium();

if (browser === undefined) {
  test('the Audit Log in a real browser', { skip: reason }, () => {});
} else {
  auditLogTests(browser);
}

function auditLogTests(chromium: Browser): void {
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
  });
  after(async () => {
    await chromium.close();
    await courier?.stop();
  });

  const seqs = (): Promise<number[]> =>
    page
      .locator('.row[data-seq]')
      .evaluateAll((rows) => rows.map((row) => Number((row as HTMLElement).dataset['seq'])).toSorted((a, b) => b - a));
  /** Scrolls to the end, page after page, and collects every row that was shown. */
  async function allRows(): Promise<number[]> {
    const seen = new Set<number>();
    for (let quiet = 0; quiet < 3;) {
      const known = seen.size;
      for (const seq of await seqs()) seen.add(seq);
      await page.locator('.log-box').evaluate((box) => box.scrollBy(0, 400));
      await page.waitForTimeout(50);
      const atEnd = await page
        .locator('.log-foot')
        .innerText()
        .then((text) => text.includes('oldest that matches'));
      quiet = seen.size === known && atEnd ? quiet + 1 : 0;
    }
    return [...seen].toSorted((a, b) => b - a);
  }

  test('scrolling shows every row of the journal that matches, once, over several pages', async () => {
    await page.waitForTimeout(2_000);
    await page.goto(`${courier.url}/log?where=kind%3Dnet&where=app%3Dcourier&tail=off`);
    await page.waitForSelector('.row[data-seq]');
    const rows = await journal(courier.data, { kind: 'net', app: 'courier' });
    assert.ok(rows.length >= 3 * SENDINGS);
    assert.deepEqual(
      await allRows(),
      rows.map(({ seq }) => seq).toSorted((a, b) => b - a),
    );
  });

  test('filters include and exclude, stand in the address, and come off', async () => {
    await page.goto(`${courier.url}/log?where=kind%3Dnet&tail=off`);
    await page.waitForSelector('.row[data-seq]');
    await page.selectOption('.add-filter label:nth-child(1) select', 'host');
    await page.fill('.add-filter input', 'parcels.courier.test');
    await page.click('.add-filter button');
    await page.waitForSelector('.filter:has-text("parcels.courier.test")');
    assert.match(page.url(), /where=host%3Dparcels\.courier\.test/);
    await page.waitForFunction(() =>
      [...document.querySelectorAll('.row[data-seq] .cell-target')].every((cell) =>
        cell.textContent.includes('parcels'),
      ),
    );
    await page.click('.filter:has-text("parcels.courier.test") a:first-child');
    await page.waitForSelector('.filter[data-exclude="true"]');
    assert.match(page.url(), /not=host%3Dparcels\.courier\.test/);
    await page.waitForSelector('.row[data-seq]');
    assert.ok(!(await page.locator('.log-all').innerText()).includes('parcels'));
    await page.click('.filter:has-text("parcels.courier.test") .filter-off');
    await page.waitForSelector('.row[data-seq]:has-text("parcels")');
    await page.goBack();
    await page.waitForSelector('.filter[data-exclude="true"]');
  });

  test('jumps to a row and to a time, and goes on in both directions from there', async () => {
    await page.goto(`${courier.url}/log?where=kind%3Dnet&where=app%3Dcourier`);
    await page.waitForSelector('.row[data-seq]');
    const rows = await journal(courier.data, { kind: 'net', app: 'courier' });
    const middle = rows[Math.floor(rows.length / 2)]?.seq ?? 0;
    await page.fill('.jump input', String(middle));
    await page.click('.jump button');
    await page.waitForSelector(`.row[data-seq="${middle}"]`);
    assert.equal((await seqs())[0], middle);
    await page.click('text=Load those just above');
    const next = rows[Math.floor(rows.length / 2) + 1]?.seq ?? 0;
    await page.waitForFunction(
      (lines) => (document.querySelector('.log-box')?.scrollHeight ?? 0) > 36 * lines,
      Math.floor(rows.length / 2) + 5,
    );
    await page.locator('.log-box').evaluate((box) => box.scrollTo(0, Math.max(0, box.scrollTop - 36)));
    await page.waitForSelector(`.row[data-seq="${next}"]`);

    await page.fill('.jump input', '2001-01-01 00:00');
    await page.click('.jump button');
    await page.waitForURL(/[?&]at=0(?:&|$)/);
    await page.fill('.jump input', 'soon');
    await page.click('.jump button');
    await page.waitForSelector('.jump .problem:has-text("row number")');
  });

  test('a row opens its Forensic Record, by mouse and by keyboard', async () => {
    await page.goto(`${courier.url}/log?where=kind%3Dnet&tail=off`);
    await page.waitForSelector('.row[data-seq]');
    const [first = 0, second = 0] = await seqs();
    await page.click(`.row[data-seq="${first}"] .cell-target`);
    await page.waitForURL(`**/rows/${first}`);
    await page.goBack();
    await page.waitForSelector(`.row[data-seq="${first}"]`);
    await page.focus(`.row[data-seq="${first}"] .row-link`);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.waitForURL(`**/rows/${second}`);
  });

  test('a new row comes into the open log within 3 s while the tail is live, and does not while it is off', async () => {
    await page.goto(`${courier.url}/log?where=kind%3Dnet&where=app%3Dcourier`);
    await page.waitForSelector('.live[data-on="true"]');
    await page.waitForSelector('.row[data-seq]');
    const [newest = 0] = await seqs();
    await courier.send();
    const sent = performance.now();
    await page.waitForFunction(
      (known) =>
        [...document.querySelectorAll<HTMLElement>('.row[data-seq]')].filter(
          (row) => Number(row.dataset['seq']) > known,
        ).length === 3,
      newest,
    );
    const took = performance.now() - sent;
    assert.ok(took < NEW_ROW_MS, `it took ${Math.round(took)} ms`);

    await page.click('.switch');
    await page.waitForSelector('.switch[aria-checked="false"]');
    assert.match(page.url(), /tail=off/);
    await page.waitForSelector('.row[data-seq]');
    const [last] = await seqs();
    await courier.send();
    await page.waitForSelector('.more-newer');
    assert.equal((await seqs())[0], last);
  });

  test('no policy was violated and no script failed', async () => {
    assert.deepEqual(await guest.complaints(), []);
  });
}
