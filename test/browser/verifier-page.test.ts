/// <reference lib="dom" />
/** The one-file verifier in a real browser: same verdicts as on Node, no network, readable by everybody. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { pathToFileURL } from 'node:url';

import axe, { type AxeResults } from 'axe-core';
import type { Browser, Page } from 'playwright-core';

import { ReferenceLedger, sampleLedger } from '../../packages/verifier/test/reference-writer.ts';
import { outwitness } from '../../claims/system/outwitness.ts';
import { temporaryFolder } from '../../claims/system/temporary-folder.ts';
import { startChromium } from './chromium.ts';
import { type Look, visitor } from './visitor.ts';

const ROOT = join(import.meta.dirname, '../..');
const PAGE = join(ROOT, 'packages/verifier/html/outwitness-verifier.html');
const VECTORS = join(ROOT, 'testdata/vectors/verifier');
const WCAG = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
const LOOKS: Readonly<Record<string, Look>> = {
  light: { scheme: 'light' },
  dark: { scheme: 'dark' },
  narrow: { scheme: 'light', width: 390, height: 844 },
};
/** A folder to put screenshots into, to be looked at. */
const SHOTS = process.env['OUTWITNESS_SCREENSHOTS'];

interface Vector {
  path: string;
  pins: string[];
  now: number;
  verdict: string;
  exit: number;
  size: number;
  range: [number, number];
  findings: string[];
}

interface Shown {
  verdict: string;
  exit: number;
  size: number;
  range: [number, number];
  findings: { code: string; seq: number }[];
}

const sha256 = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');

test('the file is what its sources give, and its SHA-256 stands beside it', () => {
  assert.match(readFileSync(`${PAGE}.sha256`, 'utf8'), new RegExp(`^${sha256(PAGE)}  outwitness-verifier.html\n$`));
  using temporary = temporaryFolder('verifier-page');
  const folder = temporary.path;
  const verifier = join(folder, 'packages/verifier');
  for (const part of ['src', 'package.json', 'tsconfig.json'])
    cpSync(join(ROOT, 'packages/verifier', part), join(verifier, part), { recursive: true });
  cpSync(join(ROOT, 'tsconfig.base.json'), join(folder, 'tsconfig.base.json'));
  mkdirSync(join(folder, 'node_modules'));
  for (const name of ['@types', 'undici-types'])
    symlinkSync(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name));
  const run = (...args: string[]): string => {
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
    assert.equal(status, 0, stdout + stderr);
    return stdout;
  };
  run(join(ROOT, 'node_modules/typescript/bin/tsc'), '-b', 'packages/verifier');
  assert.equal(run(join(ROOT, 'scripts/verifier-html.mjs'), folder).split(' ')[0], sha256(PAGE));
});

test('outwitness verify --html prints it', async () => {
  const { code, stdout } = await outwitness(['verify', '--html']);
  assert.equal(code, 0);
  assert.equal(createHash('sha256').update(stdout).digest('hex'), sha256(PAGE));
});

const { browser, reason } = await startChromium();
if (browser === undefined) test('the verifier in a real browser', { skip: reason }, () => {});
else describe('the verifier in a real browser', () => browserTests(browser));

async function open(chromium: Browser, look: Look = {}): Promise<{ page: Page; close: () => Promise<void> }> {
  const guest = await visitor(chromium, look);
  const { page } = guest;
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  await page.goto(pathToFileURL(PAGE).href);
  return {
    page,
    close: async () => {
      assert.deepEqual(await guest.complaints(), []);
      assert.deepEqual(asked, [pathToFileURL(PAGE).href]);
      await guest.close();
    },
  };
}

async function judge(page: Page, file: string | { name: string; buffer: Buffer }, pin = '', now = ''): Promise<Shown> {
  await page.fill('#pin', pin);
  await page.evaluate((text) => ((document.getElementById('now') as HTMLInputElement).value = text), now);
  await page.evaluate(() => (document.getElementById('json')!.textContent = ''));
  await page.setInputFiles('#file', typeof file === 'string' ? file : { mimeType: 'text/plain', ...file });
  await page.waitForFunction(() => document.getElementById('json')!.textContent !== '');
  return JSON.parse(await page.textContent('#json').then(String)) as Shown;
}

function browserTests(chromium: Browser): void {
  after(() => chromium.close());

  test('judges every frozen bundle and proof as on Node', async () => {
    const { page, close } = await open(chromium);
    const vectors = JSON.parse(readFileSync(join(VECTORS, 'expected.json'), 'utf8')) as Vector[];
    const files = vectors.filter(({ path }) => statSync(join(VECTORS, path)).isFile());
    assert.ok(files.length >= 15);
    for (const { path, pins, now, ...expected } of files) {
      assert.ok(pins.length < 2);
      const at = new Date(now / 1000).toISOString();
      const { verdict, exit, size, range, findings } = await judge(page, join(VECTORS, path), pins[0], at);
      const found = findings.map(({ code, seq }) => `${code} ${seq}`);
      assert.deepEqual({ verdict, exit, size, range, findings: found }, expected, path);
      assert.equal(await page.textContent('#verdict'), verdict);
    }
    await close();
  });

  test('refuses a database and says what to do', async () => {
    const { page, close } = await open(chromium);
    await page.setInputFiles('#file', join(VECTORS, 'store/ledger.db'));
    await page.waitForFunction(() => document.getElementById('problem')!.textContent !== '');
    assert.match(String(await page.textContent('#problem')), /database.*outwitness export --out/);
    assert.equal(await page.isVisible('#result'), false);
    await close();
  });

  test('takes a dropped pin for a pin, and says which one is none', async () => {
    const { page, close } = await open(chromium);
    const ledger = sampleLedger();
    await page.setInputFiles('#file', { name: 'log.vkey', mimeType: '', buffer: Buffer.from(`${ledger.vkey}\n`) });
    await page.waitForFunction(() => (document.getElementById('pin') as HTMLTextAreaElement).value !== '');
    await page.setInputFiles('#file', { name: 'a.outwitness', mimeType: '', buffer: ledger.bundle() });
    await page.waitForSelector('#result:not([hidden])');
    assert.equal(await page.textContent('#verdict'), 'VERIFIED');
    await page.fill('#pin', 'what I know');
    await page.click('button');
    await page.waitForFunction(() => document.getElementById('problem')!.textContent !== '');
    assert.match(String(await page.textContent('#problem')), /neither a verifier key line nor a note/);
    await close();
  });

  test('takes the bundle of the ledger before it as well, in either order', async () => {
    const old = sampleLedger();
    const ledger = new ReferenceLedger({
      seed: 'successor',
      genesis: {
        successorOf: old.origin, successorNote: old.notes.at(-1)!.text, successorVerdict: 'TAMPERED', successorWhy: 'frozen',
      },
    }); // prettier-ignore
    ledger.net();
    ledger.seal();
    const [one, before] = [
      { name: 'new.outwitness', mimeType: '', buffer: ledger.bundle() },
      { name: 'old.outwitness', mimeType: '', buffer: old.bundle() },
    ];
    for (const files of [
      [one, before],
      [before, one],
    ]) {
      const { page, close } = await open(chromium);
      await page.fill('#pin', ledger.vkey);
      await page.setInputFiles('#file', files);
      await page.waitForFunction(() => document.getElementById('facts')!.textContent.includes('rows, 0 findings'));
      assert.equal(await page.textContent('#verdict'), 'VERIFIED');
      assert.match(String(await page.textContent('#facts')), /Its evidence ?VERIFIED, 16 rows, 0 findings/);
      assert.equal(await page.textContent('#chosen'), 'new.outwitness, and old.outwitness of the record before it');
      await close();
    }
    const { page, close } = await open(chromium);
    await page.fill('#pin', ledger.vkey);
    await page.setInputFiles('#file', one);
    await page.waitForFunction(() => document.getElementById('facts')!.textContent.includes('Its evidence'));
    assert.match(String(await page.textContent('#facts')), /not looked at/);
    const cut = { ...before, buffer: sampleLedger({ seed: 'other' }).bundle() };
    await page.setInputFiles('#file', cut);
    await page.waitForFunction(() => !document.getElementById('facts')!.textContent.includes('Its evidence'));
    assert.equal(
      await page.textContent('#verdict'),
      'TAMPERED',
      'another ledger is judged for itself, by the pin that is not of it',
    );
    await close();
  });

  test('never takes text of the evidence for markup', async () => {
    const { page, close } = await open(chromium);
    const said = '<img src=x onerror=alert(1)> \u202E';
    const lines = sampleLedger().bundleLines();
    lines[1] = `origin ${said}`;
    const buffer = Buffer.from(`${lines.join('\n')}\nend ${'0'.repeat(64)}\n`);
    await judge(page, { name: 'a.outwitness', buffer });
    assert.equal(await page.locator('img').count(), 0);
    assert.match(String(await page.textContent('#facts')), /<img src=x onerror=alert\(1\)> \uFFFD/);
    await close();
  });

  for (const [name, look] of Object.entries(LOOKS)) {
    test(`has no fault of WCAG 2.2 AA: ${name}`, async () => {
      const { page, close } = await open(chromium, look);
      await noFaults(page, `${name}-empty`);
      await judge(page, join(VECTORS, 'whole.outwitness'), sampleLedger().vkey);
      await noFaults(page, `${name}-verified`);
      await judge(page, join(VECTORS, 'changed-leaf-new-digest.outwitness'));
      await noFaults(page, `${name}-tampered`);
      assert.equal(
        await page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth),
        true,
      );
      await close();
    });
  }
}

async function noFaults(page: Page, name: string): Promise<void> {
  if (SHOTS !== undefined) await page.screenshot({ path: join(SHOTS, `${name}.png`), fullPage: true });
  // A page that runs no foreign script can be looked at from outside only: axe comes in by the debugger.
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(
    (tags) => (window as unknown as { axe: { run(o: object): Promise<AxeResults> } }).axe.run({ runOnly: tags }),
    WCAG,
  );
  assert.deepEqual(
    violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`),
    [],
  );
}
