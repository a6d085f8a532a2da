/** A real Chromium: the system's, else the one of the npm package. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import process from 'node:process';

import { type Browser, chromium } from 'playwright-core';

const ROOT = join(import.meta.dirname, '../..');
const SYSTEM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const ARGS = [
  '--headless=shell',
  '--no-sandbox',
  '--no-first-run',
  '--disable-gpu',
  // A browser of a test calls nobody but the page under test.
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost',
];

/** A browser, or why there is none on this machine. */
export type Found =
  | { readonly browser: Browser; readonly reason?: undefined }
  | { readonly browser?: undefined; readonly reason: string };

export async function startChromium(): Promise<Found> {
  try {
    const executablePath = SYSTEM.find((path) => existsSync(path)) ?? (await packagedChromium());
    return { browser: await chromium.launch({ executablePath, args: ARGS, ignoreDefaultArgs: ['--headless'] }) };
  } catch (error) {
    return { reason: `no Chromium starts here: ${String(error).split('\n').slice(0, 3).join(' ')}` };
  }
}

/** Unpacked once for each version, and moved into its place whole, so that tests in parallel never see half of it. */
async function packagedChromium(): Promise<string> {
  const manifest = join(dirname(createRequire(import.meta.url).resolve('@sparticuz/chromium')), '../package.json');
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
  const cache = join(ROOT, 'node_modules/.cache/outwitness');
  const place = join(cache, `chromium-${version}`);
  if (existsSync(place)) return join(place, 'chromium');

  mkdirSync(cache, { recursive: true });
  const temporary = mkdtempSync(join(cache, 'chromium-'));
  const before = process.env['TMPDIR'];
  // The package unpacks into the folder for temporary files and takes whatever lies there for complete.
  process.env['TMPDIR'] = temporary;
  try {
    const { default: packaged } = await import('@sparticuz/chromium');
    packaged.setGraphicsMode = false;
    await packaged.executablePath();
    if (!existsSync(place)) renameSync(temporary, place);
  } finally {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
    rmSync(temporary, { recursive: true, force: true });
  }
  return join(place, 'chromium');
}
