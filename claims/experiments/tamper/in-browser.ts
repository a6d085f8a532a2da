/// <reference lib="dom" />
/** The same inputs before the verifier for browsers, in a real one. */
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';

import type { Page } from 'playwright-core';

import { startChromium } from '../../../test/browser/chromium.ts';
import { type Prepared, type Said, saying } from './experiment.ts';

const PAGE = join(import.meta.dirname, '../../../packages/verifier/html/outwitness-verifier.html');

/** What the page says to each input that a browser can judge: whatever is one file, and no database. */
export async function judgeInBrowser(
  inputs: readonly Prepared[],
): Promise<Map<Prepared, string> | { skipped: string }> {
  const { browser, reason } = await startChromium();
  if (browser === undefined) return { skipped: reason };
  try {
    const page = await browser.newPage();
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.goto(pathToFileURL(PAGE).href);
    const said = new Map<Prepared, string>();
    for (const input of inputs) if (isForBrowsers(input)) said.set(input, await judge(page, input));
    if (asked.length !== 1) throw new Error(`the page asked for ${asked.slice(1).join(' ')}`);
    return said;
  } finally {
    await browser.close();
  }
}

/** The page has one field for pins: key lines, or one note. */
function isForBrowsers({ input, predecessor, pins }: Prepared): boolean {
  const isOneField = pins.length < 2 || pins.every((pin) => !pin.includes('\n\n'));
  return isOneField && predecessor === undefined && (input === 'bundle' || input === 'proof' || input === 'evidence');
}

async function judge(page: Page, { path, pins, now, lists }: Prepared): Promise<string> {
  await page.evaluate(
    ([pin, at]) => {
      (document.getElementById('pin') as HTMLTextAreaElement).value = pin;
      (document.getElementById('now') as HTMLInputElement).value = at;
      for (const id of ['json', 'problem']) document.getElementById(id)!.textContent = '';
    },
    [pins.join('\n'), new Date(now / 1000).toISOString()] as const,
  );
  await page.setInputFiles('#file', path);
  const text = (id: string): Promise<string> => page.textContent(`#${id}`).then(String);
  await page.waitForFunction(() => ['json', 'problem'].some((id) => document.getElementById(id)!.textContent !== ''));
  const [json, problem] = [await text('json'), await text('problem')];
  if (problem !== '') return problem.startsWith('A pin is') ? 'USAGE' : problem;
  return saying(JSON.parse(json) as Said, lists);
}
