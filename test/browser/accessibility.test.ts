/// <reference lib="dom" />
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import axe, { type AxeResults } from 'axe-core';
import type { Browser, Page } from 'playwright-core';

import { auditedCourier, type Courier } from './audited-courier.ts';
import { startChromium } from './chromium.ts';
import { type Look, visitor } from './visitor.ts';

const WCAG = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
const LOOKS: Readonly<Record<string, Look>> = {
  light: { scheme: 'light' },
  dark: { scheme: 'dark' },
  narrow: { scheme: 'light', width: 390, height: 844 },
};
const SCREENS: readonly (readonly [path: string, content: string])[] = [
  ['/', '.verdict'],
  ['/?distribution=table&timeline=table', '.scroll-x table'],
  ['/log', '.row[data-seq]'],
  ['/log?not=kind%3Dseal&where=host%3Dnowhere.test&tail=off', '.empty'],
  ['/traffic', '.counts'],
  ['/traffic?by=hour&by=class&over=table&not=channel%3Ddns&sort=bytesOut', '.counts'],
  ['/traffic?where=host%3Dnowhere.test', '.empty'],
  ['/traffic?by=nothing', '.problem'],
  ['/components', '.explained'],
  ['/components?from=2020-01-01T00:00:00Z&to=2020-01-02T00:00:00Z', '.explained'],
  ['/rows/0', '.check'],
  ['/verify', '.digest'],
  ['/settings', '.setting'],
  ['/nowhere', '.empty'],
];

const { browser, reason } = await startChromium();

if (browser === undefined) {
  test('accessibility in a real browser', { skip: reason }, () => {});
} else {
  accessibilityTests(browser);
}

function accessibilityTests(chromium: Browser): void {
  let courier: Courier;
  let cookies: Awaited<ReturnType<ReturnType<Page['context']>['cookies']>>;

  before(async () => {
    courier = await auditedCourier();
    const guest = await visitor(chromium);
    await guest.page.goto(courier.link);
    await guest.page.waitForSelector('.verdict');
    cookies = await guest.page.context().cookies();
    await guest.close();
    await courier.send();
  });
  after(async () => {
    await chromium.close();
    await courier?.stop();
  });

  async function arrive(look: Look): Promise<Page> {
    const { page } = await visitor(chromium, look);
    // The policy of the page lets no script of ours in, except before the page itself.
    await page.addInitScript({ content: axe.source });
    return page;
  }

  async function open(look: Look, path: string, content: string): Promise<Page> {
    const page = await arrive(look);
    await page.context().addCookies(cookies);
    await page.goto(courier.url + path);
    await page.waitForSelector(content);
    return page;
  }

  describe('no screen has a finding against WCAG 2.2 AA', () => {
    for (const [name, look] of Object.entries(LOOKS)) {
      // One visitor for all screens of a look: a browser context costs more than a screen.
      test(name, async (t) => {
        const page = await arrive(look);
        for (const [path, content] of [['/', '.sign-in form'] as const, ...SCREENS]) {
          await t.test(content === '.sign-in form' ? 'sign-in' : path, async () => {
            await page.goto(courier.url + path);
            await page.waitForSelector(content);
            assert.deepEqual(await findings(page), []);
          });
          await page.context().addCookies(cookies);
        }
        await page.context().close();
      });
    }
  });

  test('the keyboard reaches everything, the skip link first, and the focus is seen', async () => {
    const page = await open({}, '/', '.legend');
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement?.className), 'skip');
    const seen = new Set<string>();
    for (let i = 0; i < 80; i++) {
      const [name, outline] = await page.evaluate(() => {
        const element = document.activeElement;
        if (element === null || element === document.body) return ['', ''];
        const { outlineStyle, outlineWidth } = getComputedStyle(element);
        return [`${element.tagName} ${element.textContent.trim()}`, `${outlineStyle} ${outlineWidth}`];
      });
      if (name === '') break;
      assert.match(outline ?? '', /^solid [2-9]/, name);
      seen.add(name ?? '');
      await page.keyboard.press('Tab');
    }
    const all = await page.locator('a[href], button, summary').evaluateAll((found) =>
      found
        // What a closed <details> hides is reached by opening it.
        .filter((element) => element.checkVisibility())
        .map((element) => `${element.tagName} ${element.textContent.trim()}`),
    );
    assert.deepEqual(
      all.filter((name) => !seen.has(name)),
      [],
    );
  });

  test('whoever wants no motion gets none', async () => {
    const page = await open({}, '/', '.live[data-on="true"]');
    const animation = (): Promise<string> =>
      page.locator('.live-dot').evaluate((dot) => getComputedStyle(dot).animationName);
    assert.equal(await animation(), 'breathe');
    await page.emulateMedia({ reducedMotion: 'reduce' });
    assert.equal(await animation(), 'none');
  });

  test('the theme can be chosen, and stays', async () => {
    const page = await open({ scheme: 'light' }, '/', '.verdict');
    const ground = (): Promise<string> => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await ground();
    await page.click('button[aria-label^="Theme"]');
    await page.click('button[aria-label^="Theme"]');
    const dark = await ground();
    assert.notEqual(dark, light);
    await page.reload();
    await page.waitForSelector('.verdict');
    assert.equal(await ground(), dark);
  });
}

async function findings(page: Page): Promise<string[]> {
  const { violations } = await page.evaluate(
    async (tags): Promise<AxeResults> => (window as unknown as { axe: typeof axe }).axe.run({ runOnly: tags }),
    WCAG,
  );
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${help}: ${target.join(' ')}: ${failureSummary ?? ''}`),
  );
}
