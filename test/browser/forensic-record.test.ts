import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import type { RowDetailJson } from '@outwitness/server';
import type { Browser, Page } from 'playwright-core';

import { temporaryFolder } from '../../claims/system/temporary-folder.ts';
import { journal, verify } from '../../claims/system/outwitness.ts';
import { auditedCourier, type Courier } from './audited-courier.ts';
import { startChromium } from './chromium.ts';
import { type Visitor, visitor } from './visitor.ts';

const ALL = ['row-hash', 'previous', 'inclusion', 'genesis', 'log-key', 'epoch-key'];

const { browser, reason } = await startChromium();

if (browser === undefined) {
  test('the Forensic Record in a real browser', { skip: reason }, () => {});
} else {
  forensicRecordTests(browser);
}

function forensicRecordTests(chromium: Browser): void {
  let courier: Courier;
  let guest: Visitor;
  let page: Page;
  let seq = 0;

  before(async () => {
    courier = await auditedCourier();
    guest = await visitor(chromium);
    ({ page } = guest);
    await page.goto(courier.link);
    await page.waitForSelector('.verdict');
    for (let i = 0; i < 10; i++) await courier.send();
    await page.waitForTimeout(2_000);
    const rows = await journal(courier.data, { host: 'parcels.courier.test' });
    seq = rows.at(-1)?.seq ?? 0;
    assert.ok(seq > 0);
  });
  after(async () => {
    await chromium.close();
    await courier?.stop();
  });

  async function states(): Promise<Record<string, string | null>> {
    await page.waitForSelector('.check');
    const found = await page
      .locator('.check')
      .evaluateAll((checks) =>
        checks.map((check) => [check.getAttribute('data-check'), check.getAttribute('data-state')]),
      );
    return Object.fromEntries(found) as Record<string, string | null>;
  }

  test('the browser recomputes hash, link, proof and both signatures', async () => {
    await page.goto(`${courier.url}/rows/${seq}`);
    assert.deepEqual(await states(), Object.fromEntries(ALL.map((name) => [name, 'passed'])));
    assert.equal(await page.getAttribute('.walk-root', 'data-match'), 'true');
    const steps = await page.locator('.walk-step').count();
    assert.ok(steps >= 4, `${steps} steps`);
  });

  test('shows the exact text and every field of it', async () => {
    const [row] = await journal(courier.data, { seq: String(seq) });
    const leaf = await page.innerText('.leaf');
    assert.deepEqual(JSON.parse(leaf), row);
    const fields = await page
      .locator('.field')
      .evaluateAll((found) => found.map((field) => field.getAttribute('data-field') ?? ''));
    assert.deepEqual(fields.toSorted(), Object.keys(row ?? {}).toSorted());
  });

  test('leads to the row before and the row after', async () => {
    await page.click('a[rel="prev"]');
    await page.waitForURL(`**/rows/${seq - 1}`);
    await page.waitForSelector(`h1:has-text("Row ${seq - 1}")`);
    await page.click('a[rel="next"]');
    await page.waitForURL(`**/rows/${seq}`);
    assert.deepEqual(new Set(Object.values(await states())), new Set(['passed']));
  });

  test('the first row, a seal and the newest row can be looked at too', async () => {
    for (const place of [0, 1, 2, 3]) {
      await page.goto(`${courier.url}/rows/${place}`);
      assert.ok(!Object.values(await states()).includes('failed'), `row ${place}`);
    }
    await page.goto(`${courier.url}/rows/999999`);
    await page.waitForSelector('.banner:has-text("no row 999999")');
  });

  test('the proof that is handed out holds before the verifier, and its hand-out is a row', async () => {
    using folder = temporaryFolder('proof');
    await page.goto(`${courier.url}/rows/${seq}`);
    const [download] = await Promise.all([page.waitForEvent('download'), page.click('.proof .primary')]);
    assert.equal(download.suggestedFilename(), `row-${seq}.tlog-proof`);
    const file = join(folder.path, download.suggestedFilename());
    writeFileSync(file, readFileSync(await download.path()));
    const verification = await verify(file);
    assert.deepEqual(
      verification.findings.filter(({ severity }) => severity === 'TAMPERED' || severity === 'UNVERIFIABLE'),
      [],
    );
    const exports = await journal(courier.data, { kind: 'control', event: 'export' });
    assert.equal(exports.length, 1);
  });

  const lies: Record<string, { change: (row: RowDetailJson) => RowDetailJson; broken: string[] }> = {
    'another text': {
      change: (row) => ({ ...row, leaf: (row.leaf ?? '').replace('parcels', 'letters') }),
      broken: ['row-hash', 'inclusion'],
    },
    'another previous row': {
      change: (row) => ({ ...row, previous: { seq: row.seq - 1, rowHash: 'ab'.repeat(32) } }),
      broken: ['previous'],
    },
    'a proof with one hash changed': {
      change: (row) => withProof(row, (hashes) => ['cd'.repeat(32), ...hashes.slice(1)]),
      broken: ['inclusion'],
    },
    'a proof with one hash missing': {
      change: (row) => withProof(row, (hashes) => hashes.slice(1)),
      broken: ['inclusion'],
    },
    'a note with another size': {
      change: (row) =>
        withNote(row, (note) => note.replace(/\n(\d+)\n/, (_, size: string) => `\n${Number(size) + 1}\n`)),
      broken: ['log-key', 'epoch-key'],
    },
    'a note with swapped signatures': {
      change: (row) => withNote(row, (note) => note.replace(/(— \S+) (\S+)\n(— \S+) (\S+)/, '$1 $4\n$3 $2')),
      broken: ['log-key', 'epoch-key'],
    },
  };
  for (const [name, { change, broken }] of Object.entries(lies)) {
    test(`a server that lies is caught: ${name}`, async () => {
      await page.route(`**/api/rows/${seq}`, async (route) => {
        const answer = await route.fetch();
        await route.fulfill({ response: answer, json: change((await answer.json()) as RowDetailJson) });
      });
      await page.goto(`${courier.url}/rows/${seq}`);
      const found = await states();
      for (const check of broken) assert.equal(found[check], 'failed', `${check}: ${JSON.stringify(found)}`);
      await page.unroute(`**/api/rows/${seq}`);
    });
  }

  test('no policy was violated and no script failed', async () => {
    const complaints = await guest.complaints();
    // The browser itself remarks on the answer 404 that was asked for above.
    assert.deepEqual(
      complaints.filter((text) => !text.includes('status of 404')),
      [],
    );
  });
}

function withProof(row: RowDetailJson, change: (hashes: string[]) => string[]): RowDetailJson {
  if (row.inclusion === null) throw new Error('no proof');
  return { ...row, inclusion: { ...row.inclusion, hashes: change(row.inclusion.hashes) } };
}

function withNote(row: RowDetailJson, change: (note: string) => string): RowDetailJson {
  if (row.inclusion === null) throw new Error('no note');
  return { ...row, inclusion: { ...row.inclusion, note: change(row.inclusion.note) } };
}
