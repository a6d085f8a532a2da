/// <reference lib="dom" />
/** Somebody who looks at the pages, and what the browser complained about meanwhile. */
import type { Browser, Page } from 'playwright-core';

export interface Visitor {
  readonly page: Page;
  /** Violations of the content security policy, errors in scripts and console errors; empty on a good page. */
  complaints(): Promise<string[]>;
  close(): Promise<void>;
}

export interface Look {
  readonly width?: number;
  readonly height?: number;
  readonly scheme?: 'light' | 'dark';
}

declare global {
  interface Window {
    violations: string[];
  }
}

export async function visitor(
  browser: Browser,
  { width = 1280, height = 900, scheme = 'light' }: Look = {},
): Promise<Visitor> {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: scheme,
    timezoneId: 'Europe/Athens',
    acceptDownloads: true,
  });
  const page = await context.newPage();
  const complained: string[] = [];
  page.on('pageerror', (error) => complained.push(`script: ${error.stack ?? error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complained.push(`console: ${message.text()}`);
  });
  await page.addInitScript(() => {
    window.violations = [];
    addEventListener('securitypolicyviolation', (event) => {
      window.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
    });
  });
  return {
    page,
    complaints: async () => [...complained, ...(await page.evaluate(() => window.violations))],
    close: () => context.close(),
  };
}
