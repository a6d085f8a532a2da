/** The Settings screen: an admin changes what a row is written for, everybody else looks. And the verifier as a download. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import type { Browser, Page } from 'playwright-core';

import { audit, journal, outwitness, type Running, startOutwitness } from '../../claims/system/outwitness.ts';
import { temporaryFolder } from '../../claims/system/temporary-folder.ts';
import { startChromium } from './chromium.ts';
import { type Visitor, visitor } from './visitor.ts';

const PAGE = join(import.meta.dirname, '../../packages/verifier/html/outwitness-verifier.html');
const { browser, reason } = await startChromium();

if (browser === undefined) {
  test('the Settings screen in a real browser', { skip: reason }, () => {});
} else {
  settingsTests(browser);
}

function settingsTests(chromium: Browser): void {
  const folder = temporaryFolder('settings-screen');
  const data = join(folder.path, 'data');
  let running: Running;
  let url = '';
  let operator: Visitor;
  let eve: Visitor;

  async function admin(...args: string[]): Promise<Record<string, unknown>> {
    const ended = await outwitness(['admin', ...args, '--json', '--data', data], { cwd: folder.path });
    assert.equal(ended.code, 0, ended.stderr);
    return JSON.parse(ended.stdout) as Record<string, unknown>;
  }

  async function texts(actor: string): Promise<string[]> {
    const rows = await journal(data, { kind: 'control', event: 'settings', actor });
    return rows.map((row) => (row as unknown as { text: string }).text);
  }

  async function signedIn(link: string): Promise<Visitor> {
    const guest = await visitor(chromium);
    await guest.page.goto(link);
    await guest.page.waitForSelector('.verdict');
    await guest.page.click('nav.screens >> text=Settings');
    await guest.page.waitForSelector('.setting');
    return guest;
  }

  before(async () => {
    writeFileSync(join(folder.path, 'outwitness.config.json'), '{"learn": 3}');
    const old = join(folder.path, 'old');
    await audit(old, [process.execPath, '-e', '1']);
    await admin('succeed', old, '--why', 'the keys were lost');
    const env = { OUTWITNESS_ATTRIBUTION: 'exact' };
    running = startOutwitness(['collect', '--data', data], { cwd: folder.path, env });
    const [link] = await running.printed(/http:\/\/127\.0\.0\.1:\d+\/#token=\S+/);
    url = new URL(link).origin;
    await admin('role', 'eve', 'admin');
    await admin('role', 'mallory', 'viewer');
    await admin('role', 'mallory', 'officer');
    operator = await signedIn(link);
    eve = await signedIn(String((await admin('token', '--role', 'admin', '--user', 'eve'))['url']));
  });
  after(async () => {
    await chromium.close();
    running?.child.kill('SIGTERM');
    await running?.ended;
    folder[Symbol.dispose]();
  });

  const value = (page: Page, name: string): Promise<string> =>
    page.locator(`[data-setting="${name}"] .setting-value`).innerText();

  test('every setting stands there with its value, and whoever is no admin changes none', async () => {
    const { page } = operator;
    const { settings } = (await admin('settings')) as unknown as { settings: { name: string }[] };
    const shown = await page
      .locator('[data-setting]')
      .evaluateAll((all) => all.map((one) => one.getAttribute('data-setting') ?? ''));
    assert.deepEqual(shown.toSorted(), settings.map(({ name }) => name).toSorted());
    assert.equal(await value(page, 'learn'), '3 days');
    assert.match(
      await page.innerText('.settings-form'),
      /Read-only: an operator looks at settings, an admin changes them/,
    );
    assert.equal(await page.locator('.settings-form :is(input, select, button)').count(), 0);
    assert.equal(await page.locator('.people button').count(), 0);
    assert.match(await page.innerText('[data-user="mallory"]'), /becomes officer in 2[34] h \d+ min/);
    assert.equal(await page.locator('.witness').getAttribute('data-state'), 'off');
    assert.match(await page.innerText('[data-setting="attribution"]'), /Set by the environment/);
  });

  test('an admin saves a change: row first, then the file, and the screen names who did it', async () => {
    const { page } = eve;
    await page.click('[data-setting="strict"] [role="switch"]');
    await page.fill('[data-setting="disabledChannels"] input', 'dns, udp');
    await page.click('text=Save 2 changes');
    await page.waitForSelector('text=Saved, and on record.');
    assert.deepEqual(await texts('admin'), ['strict false → true, disabledChannels [] → ["dns","udp"], by eve']);
    const file = JSON.parse(readFileSync(join(folder.path, 'outwitness.config.json'), 'utf8')) as object;
    assert.deepEqual(file, { learn: 3, strict: true, disabledChannels: ['dns', 'udp'] });
    for (const name of ['strict', 'disabledChannels'])
      await page.waitForSelector(`[data-setting="${name}"] >> text=/changed by eve \\(admin\\)/`);
    // The other one looks at the same record, without loading again.
    await operator.page.waitForSelector('[data-setting="strict"] output:text-is("On")');
    assert.equal(await value(operator.page, 'disabledChannels'), 'dns, udp');
  });

  test('what the collector refuses is said at its setting, and nothing changes', async () => {
    const { page } = eve;
    await page.fill('[data-setting="retention"] input', '99999999');
    await page.click('text=Save 1 change');
    await page.waitForSelector('[data-setting="retention"] [role="alert"]');
    const said = await page.innerText('[data-setting="retention"] [role="alert"]');
    assert.match(said, /expected a number of days from 0 \(for good\) to 36500, got 99999999/);
    assert.equal(await page.getAttribute('[data-setting="retention"] input', 'aria-invalid'), 'true');
    await page.fill('[data-setting="retention"] input', 'soon');
    await page.click('text=Save 1 change');
    await page.waitForSelector('[data-setting="retention"] [role="alert"] >> text=/got "soon"/');
    await page.click('text=Discard');
    assert.equal(await page.inputValue('[data-setting="retention"] input'), '90');
    assert.equal(await page.locator('[role="alert"]').count(), 0);
    assert.equal((await texts('admin')).length, 1);
  });

  test('the report of a successor says which record it follows, what was found there and why', async () => {
    const { page } = operator;
    await page.click('nav.screens >> text=Trust Report');
    const said = await page.innerText('.predecessor');
    assert.match(said, /Successor of another record since/);
    assert.match(said, /VERIFIED was what the verifier found there: local\/outwitness\/[0-9a-f]{32}, \d+ rows/);
    assert.match(said, /Reason given: the keys were lost/);
    await page.click('.predecessor >> text=The first row');
    await page.waitForSelector('text=successorWhy');
  });

  test('an appointment is withdrawn and a session ended by an admin, each a row', async () => {
    const { page } = eve;
    await page.click('[data-user="mallory"] >> text=Withdraw');
    await page.waitForSelector('[data-user="mallory"] .appointment', { state: 'detached' });
    const { users } = (await admin('people')) as unknown as { users: { name: string; role: string; next: unknown }[] };
    assert.deepEqual(
      users.filter(({ name }) => name === 'mallory').map(({ role, next }) => [role, next]),
      [['viewer', null]],
    );
    await page.click('li:has-text("Nobody by name") >> text=End this session');
    await page.waitForSelector('li:has-text("Nobody by name")', { state: 'detached' });
    await operator.page.reload();
    await operator.page.waitForSelector('.sign-in');
    const roles = await journal(data, { kind: 'control', event: 'role', actor: 'admin' });
    assert.equal(roles.length, 2);
  });

  test('witnesses are told to be served once there is a token', async () => {
    const { page } = eve;
    await page.click('[data-setting="witness.serve"] [role="switch"]');
    await page.click('text=Save 1 change');
    await page.waitForSelector('.witness[data-state="no-token"]');
    await admin('witness');
    await page.waitForSelector('.witness[data-state="on"]');
  });

  test('the verifier is handed on as it was built, its digest beside it, and opens nowhere under this address', async () => {
    const { page } = eve;
    await page.click('nav.screens >> text=Verify & Export');
    const sha256 = createHash('sha256').update(readFileSync(PAGE)).digest('hex');
    await page.waitForSelector(`.digest code:text-is("${sha256}")`);
    assert.ok(readFileSync(`${PAGE}.sha256`, 'utf8').startsWith(sha256), 'the one that the build published');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.click('text=Download outwitness-verifier.html'),
    ]);
    assert.equal(download.suggestedFilename(), 'outwitness-verifier.html');
    assert.deepEqual(readFileSync(await download.path()), readFileSync(PAGE));
    const answer = await page.request.get(`${url}/api/verifier/file`);
    assert.match(answer.headers()['content-disposition'] ?? '', /^attachment/);
    assert.equal((await fetch(`${url}/api/verifier/file`)).status, 401);
  });

  test('the browser has nothing to complain about', async () => {
    const complaints = (await eve.complaints()).filter((text) => !/status of (?:400|401)/.test(text));
    assert.deepEqual(complaints, []);
  });
}
