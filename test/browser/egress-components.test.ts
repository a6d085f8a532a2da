/// <reference lib="dom" />
/** The Egress Components screen: the catalogue of a real run, and figures that are the API's, the report's and the rows'. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';

import type { ComponentsJson, ReportJson } from '@outwitness/report';
import type { Browser, Page } from 'playwright-core';

import { CALLS_OUT, cataloguedOffice, type Office } from './catalogued-office.ts';
import { startChromium } from './chromium.ts';
import { differences, figuresOn } from './shown-figures.ts';
import { type Visitor, visitor } from './visitor.ts';

const SENDINGS = 3;
const NEW_ROW_MS = 3_000;

const { browser, reason } = await startChromium();

if (browser === undefined) {
  test('the Egress Components in a real browser', { skip: reason }, () => {});
} else {
  componentsTests(browser);
}

function componentsTests(chromium: Browser): void {
  let office: Office;
  let guest: Visitor;
  let page: Page;

  before(async () => {
    office = await cataloguedOffice();
    guest = await visitor(chromium);
    ({ page } = guest);
    await page.goto(office.link);
    await page.waitForSelector('.verdict');
    for (let i = 0; i < SENDINGS; i++) await office.send();
    await page.waitForSelector(`.card [data-of="cards.out.events"][value="${CALLS_OUT * SENDINGS}"]`);
  });
  after(async () => {
    await chromium.close();
    await office?.stop();
  });

  async function open(): Promise<ComponentsJson> {
    await page.goto(`${office.url}/components`);
    await page.waitForSelector('.explained');
    const answer = await page.request.get(`${office.url}/api/components`);
    return (await answer.json()) as ComponentsJson;
  }

  async function follow(link: string, rows: number): Promise<void> {
    await page.goto(office.url + link);
    const foot = rows === 0 ? '.empty' : '.log-foot:has-text("oldest that matches")';
    await page.waitForSelector(foot);
    if (rows === 0) return;
    const said = await page.innerText('.log-foot');
    assert.ok(said.startsWith(`${rows} ${rows === 1 ? 'row' : 'rows'}.`), `${rows} expected, ${said} at ${link}`);
  }

  test('it is reached from the navigation, and every number is that of the API', async () => {
    await page.click('nav.screens >> text=Egress Components');
    await page.waitForSelector('.explained');
    assert.equal(page.url(), `${office.url}/components`);
    const components = await open();
    const figures = await figuresOn(page);
    assert.deepEqual(differences(figures, components), []);
    const shown = new Set(figures.map(({ of }) => of));
    const sights = [
      ...components.vendors.flatMap(({ components: own }, i) => own.map((_, j) => `vendors.${i}.components.${j}.seen`)),
      ...components.unclassified.map((_, i) => `unclassified.${i}.seen`),
      ...components.manifests.flatMap(({ endpoints }, i) =>
        endpoints.map((_, j) => `manifests.${i}.endpoints.${j}.seen`),
      ),
      ...components.internal.map((_, i) => `internal.${i}.seen`),
      ...components.acknowledged.map((_, i) => `acknowledged.${i}.seen`),
      'internalByName',
    ];
    for (const sight of sights)
      for (const name of ['events', 'bytesOut', 'bytesIn'])
        assert.ok(shown.has(`${sight}.${name}`), `${sight}.${name}`);
  });

  test('what explains the calls adds up to the report', async () => {
    const { outbound, vendors, unclassified } = await open();
    const { cards, destinations } = JSON.parse(await office.run('report', '--json')) as ReportJson;
    const { events, watched, vendors: others, declared, internal, unclassified: unknown } = outbound;
    assert.equal(watched + others + declared + internal + unknown, events);
    assert.equal(events, CALLS_OUT * SENDINGS);
    assert.deepEqual(
      [watched, others + declared, internal, unknown],
      [cards.out.vendor, cards.out.thirdParty, cards.out.internal, cards.out.unclassified],
    );
    for (const { name, seen } of vendors) {
      const counted = destinations.filter(({ vendor }) => vendor === name).reduce((sum, one) => sum + one.events, 0);
      assert.equal(seen.events, counted, name);
    }
    assert.equal(
      unclassified.reduce((sum, { seen }) => sum + seen.events, 0),
      unknown,
    );
  });

  test('the catalogue is the one of the file, and says since which row and where it is changed', async () => {
    const { catalogue } = await open();
    const text = await page.innerText('.in-force');
    assert.ok(text.includes(office.catalogue), text);
    assert.ok(catalogue.digest !== null && text.includes(catalogue.digest));
    assert.ok(text.includes('outwitness ack'));
    const row = JSON.parse(
      await office.run('journal', '--where', 'kind=policy', '--where', 'event=catalogue', '--json'),
    ) as { seq: number; catalogue: string };
    assert.deepEqual([catalogue.since?.seq, catalogue.digest], [row.seq, row.catalogue]);
    await page.click('.in-force >> text=/^row \\d+$/');
    await page.waitForURL(`${office.url}/rows/${row.seq}`);
  });

  test('vendors, manifests and hosts in no entry stand there with what was seen of each', async () => {
    await open();
    const acme = await page.innerText('[data-vendor="Acme"]');
    assert.match(acme, /Watched vendor[\s\S]*3 calls[\s\S]*licence\.acme\.test[\s\S]*only POST/);
    assert.match(acme, /acme\.test not seen/);
    assert.match(await page.innerText('[data-vendor="Courier"]'), /Third party[\s\S]*stray\.parcels\.test/);
    const parcels = await page.innerText('[data-package="parcels"]');
    assert.match(parcels, /3 declared/);
    assert.match(parcels, /3 not declared/);
    assert.match(parcels, /Sends parcels\s+addresses/);
    assert.match(parcels, /100 bytes a day/);
    assert.equal(await page.locator('[data-package="parcels"] .under[data-warn="true"]').count(), 1);
    assert.match(parcels, /It does not name:\s+stray\.parcels\.test:\d+ 3 calls/);
    assert.match(await page.innerText('section:has(> header > #unclassified)'), /beacon\.test:\d+[\s\S]*beacon/);
    assert.match(
      await page.innerText('section:has(> header > #acknowledged)'),
      /beacon -> other\.test:443\s+looked at in March/,
    );
  });

  test('each link to rows leads to as many rows as its number says', async () => {
    const components = await open();
    const hrefs = async (selector: string): Promise<string[]> =>
      page.locator(selector).evaluateAll((found) => found.map((link) => link.getAttribute('href') ?? ''));
    const parts = await hrefs('.explained a');
    const vendor = await hrefs('[data-vendor="Acme"] tbody th a');
    const unclassified = await hrefs('section:has(> header > #unclassified) tbody th a');
    const declared = await hrefs('[data-package="parcels"] .panel-sum a');
    const { watched, vendors, declared: explained, internal, unclassified: unknown } = components.outbound;
    for (const [index, rows] of [watched, vendors, explained, internal, unknown].entries())
      await follow(parts[index] ?? '', rows);
    for (const [index, { seen }] of (components.vendors[0]?.components ?? []).entries())
      await follow(vendor[index] ?? '', seen.events);
    for (const [index, { seen }] of components.unclassified.entries())
      await follow(unclassified[index] ?? '', seen.events);
    const { yes = -1, beyond = -1, no = -1 } = components.manifests[0]?.declared ?? {};
    for (const [index, rows] of [yes, beyond, no].entries()) await follow(declared[index] ?? '', rows);
  });

  test('a pair that is acknowledged appears, and the host says so while its calls keep their class', async () => {
    const { catalogue, unclassified } = await open();
    const port = unclassified.find(({ host }) => host === 'beacon.test')?.port;
    await office.run('ack', `beacon -> beacon.test:${port}`, '--why', 'a test of ours');
    await page.waitForSelector(`section:has(> header > #acknowledged) >> text=beacon -> beacon.test:${port}`);
    assert.match(
      await page.innerText('section:has(> header > #unclassified)'),
      /acknowledged by now; these calls keep/,
    );
    const changed = await open();
    assert.notEqual(changed.catalogue.digest, catalogue.digest);
    assert.ok((changed.catalogue.since?.seq ?? 0) > (catalogue.since?.seq ?? 0));
  });

  test('a vendor that is written into the file appears, and the host that it explains says so', async () => {
    await open();
    const catalogue = JSON.parse(readFileSync(office.catalogue, 'utf8')) as { vendors: unknown[] };
    catalogue.vendors.push({ name: 'Beacons', components: [{ id: 'all', hosts: ['*.beacon.test', 'beacon.test'] }] });
    writeFileSync(office.catalogue, JSON.stringify(catalogue));
    await page.waitForSelector('[data-vendor="Beacons"] >> text=not in this period');
    assert.match(await page.innerText('section:has(> header > #unclassified)'), /listed under Beacons by now/);
  });

  test('a new call is counted on the open page within 3 s', async () => {
    const { vendors } = await open();
    await page.waitForSelector('.live[data-on="true"]');
    await office.send();
    const sent = performance.now();
    const events = (vendors[0]?.seen.events ?? 0) + 1;
    await page.waitForSelector(`[data-of="vendors.0.seen.events"][value="${events}"]`, { timeout: 30_000 });
    const took = performance.now() - sent;
    assert.ok(took < NEW_ROW_MS, `it took ${Math.round(took)} ms`);
  });

  test('a period without calls shows the entries all the same', async () => {
    await page.goto(`${office.url}/components?from=2020-01-01T00:00:00Z&to=2020-01-02T00:00:00Z`);
    await page.waitForSelector('[data-vendor="Acme"] >> text=not in this period');
    await page.waitForSelector('text=Every host of this period was explained.');
  });

  test('no policy was violated and no script failed', async () => {
    assert.deepEqual(await guest.complaints(), []);
  });
}
