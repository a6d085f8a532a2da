/**
 * Every screen as somebody sees it: pictures of the sample shop, all clear and with a leak, light, dark and narrow.
 *
 *   npm run claim screens [FOLDER]
 *
 * Pictures go to FOLDER (default .outwitness/screens). Exit code: 0 when no screen was blank, broken or wider than its
 * window, else 1.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import process from 'node:process';

import type { Browser } from 'playwright-core';

import { startChromium } from '../test/browser/chromium.ts';
import { type Look, visitor } from '../test/browser/visitor.ts';
import { Checks } from './output/checks.ts';
import { audit, journal, outwitness } from './system/outwitness.ts';
import { temporaryFolder } from './system/temporary-folder.ts';

const ROOT = join(import.meta.dirname, '..');
const FOLDER = resolve(process.argv[2] ?? join(ROOT, '.outwitness/screens'));
/** Fewer letters are no screen. */
const LEAST_LETTERS = 150;
/** A picture with less in it is one colour. */
const LEAST_BYTES = 12_000;
const ORDERS = 20;

const LOOKS: Readonly<Record<string, Look>> = {
  light: { scheme: 'light' },
  dark: { scheme: 'dark' },
  narrow: { width: 390, height: 844 },
};

interface Screen {
  readonly name: string;
  readonly path: string;
  /** Is there once the screen has its content. */
  readonly content: string;
}

const checks = new Checks();
const { browser, reason } = await startChromium();
if (browser === undefined) {
  process.stderr.write(`skipped: ${reason}\n`);
} else {
  mkdirSync(FOLDER, { recursive: true });
  await picture(browser, 'clear', {});
  await picture(browser, 'leak', { LEAK: '1' }, beginAsSuccessor);
  await browser.close();
  checks.print();
  process.stdout.write(`\nThe pictures are in ${FOLDER}: look at them.\n`);
}

/** The record of the story follows another one, whose keys were lost. */
async function beginAsSuccessor(data: string): Promise<void> {
  const old = `${data}.old`;
  await audit(old, [process.execPath, '-e', '1']);
  const why = 'the keys were lost with the first disk';
  const { code, stderr } = await outwitness(['admin', 'succeed', old, '--data', data, '--why', why]);
  if (code !== 0) throw new Error(`admin succeed ended with ${code}, expected 0:\n${stderr}`);
}

async function admin(data: string, ...args: string[]): Promise<{ url: string }> {
  const { code, stdout, stderr } = await outwitness(['admin', ...args, '--data', data, '--json']);
  if (code !== 0) throw new Error(`admin ${args.join(' ')} ended with ${code}, expected 0:\n${stderr}`);
  return JSON.parse(stdout) as { url: string };
}

async function picture(
  chromium: Browser,
  story: string,
  env: NodeJS.ProcessEnv,
  begin: (data: string) => Promise<void> = async () => {},
): Promise<void> {
  using folder = temporaryFolder('screens');
  const data = join(folder.path, 'data');
  await begin(data);
  const shop = spawn(process.execPath, [join(ROOT, 'examples/shop/start.mjs'), '--data', data], {
    env: { ...process.env, LEAK: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  try {
    const link = await printedLink(shop);
    const ordered = async (): Promise<boolean> => (await journal(data, { path: '/orders' })).length >= ORDERS;
    for (let tries = 0; tries < 120 && !(await ordered()); tries++) await new Promise((wait) => setTimeout(wait, 500));
    const [call] = await journal(data, { class: 'vendor' });
    const screens: Screen[] = [
      { name: 'trust-report', path: '/', content: '.destinations' },
      { name: 'trust-report-tables', path: '/?distribution=table&timeline=table', content: '.scroll-x table' },
      { name: 'audit-log', path: '/log?not=kind%3Dseal&not=app%3Doutwitness', content: '.row[data-seq]' },
      { name: 'traffic-summary', path: '/traffic', content: '.counts' },
      { name: 'traffic-summary-hours', path: '/traffic?by=hour&by=class&over=table', content: '.scroll-x table' },
      { name: 'egress-components', path: '/components', content: '.explained' },
      { name: 'forensic-record', path: `/rows/${call?.seq ?? 0}`, content: '.check' },
      { name: 'verify-and-export', path: '/verify', content: '.digest' },
      { name: 'settings', path: '/settings', content: '.setting' },
    ];
    await looks(chromium, story, link, screens);
    await admin(data, 'role', 'eve', 'admin');
    await admin(data, 'role', 'nora', 'operator');
    await admin(data, 'role', 'nora', 'officer');
    const { url } = await admin(data, 'token', '--role', 'admin', '--user', 'eve');
    await looks(chromium, `${story}-admin`, url, [{ name: 'settings', path: '/settings', content: '.appointment' }]);
  } finally {
    shop.kill('SIGTERM');
    await once(shop, 'exit');
  }
}

/** One visitor signs in and is then dressed differently for each look: the link works once. */
async function looks(chromium: Browser, story: string, link: string, screens: readonly Screen[]): Promise<void> {
  const { origin } = new URL(link);
  const guest = await visitor(chromium);
  const { page } = guest;
  await page.goto(origin);
  await page.waitForSelector('.sign-in form');
  await page.screenshot({ path: join(FOLDER, `${story}-sign-in.png`) });
  await page.goto(link);
  await page.waitForSelector('.verdict');
  for (const [look, { width = 1280, height = 900, scheme = 'light' }] of Object.entries(LOOKS)) {
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ colorScheme: scheme });
    for (const { name, path, content } of screens) {
      await page.goto(origin + path);
      await page.waitForSelector(content);
      await page.waitForTimeout(300);
      const file = join(FOLDER, `${story}-${name}-${look}.png`);
      await page.screenshot({ path: file, fullPage: true });
      const letters = (await page.innerText('main')).length;
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      const bytes = statSync(file).size;
      const shown = `${story}, ${name}, ${look}`;
      checks.record(
        shown,
        `${letters} letters, ${bytes} bytes`,
        'not blank',
        letters >= LEAST_LETTERS && bytes >= LEAST_BYTES,
      );
      checks.record(`${shown}: wider than its window`, `${overflow} px`, '0 px or less', overflow <= 0);
    }
  }
  const complaints = (await guest.complaints()).filter((text) => !text.includes('status of 401'));
  checks.equal(`${story}: complaints of the browser`, complaints.join(' ') || 'none', 'none');
  await guest.close();
}

function printedLink(shop: ReturnType<typeof spawn>): Promise<string> {
  return new Promise((resolveLink, reject) => {
    let output = '';
    const read = (chunk: Buffer): void => {
      output += chunk.toString();
      const link = /http:\/\/127\.0\.0\.1:\d+\/#token=[\w-]+/.exec(output)?.[0];
      if (link !== undefined) resolveLink(link);
    };
    shop.stdout?.on('data', read);
    shop.stderr?.on('data', read);
    shop.once('exit', (code) => reject(new Error(`the shop ended with ${code} before it printed a link:\n${output}`)));
  });
}
