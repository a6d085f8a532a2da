import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import type { ReportJson } from '@outwitness/report';

const ROOT = join(import.meta.dirname, '../..');
const OUTWITNESS = join(ROOT, 'packages/cli/bin/outwitness.js');
const START = join(ROOT, 'examples/shop/start.mjs');
const ORDERS = 20;
const BURST_MS = 60_000;
const END_MS = 12_000;

interface Row {
  app?: string;
  kind: string;
  direction?: string;
  channel?: string;
  host?: string;
  path?: string;
  package?: string;
  packageVersion?: string;
  packageAuthor?: string;
  class?: string;
  vendor?: string;
  declared?: string;
  site?: string;
}

class Shop {
  readonly data: string = mkdtempSync(join(tmpdir(), 'outwitness-test-shop-'));
  readonly #process: ChildProcess;
  #output = '';

  constructor(env: NodeJS.ProcessEnv) {
    this.#process = spawn(process.execPath, [START, '--no-serve', '--data', this.data], {
      env: { ...process.env, LEAK: '', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream?.on('data', (chunk: Buffer) => (this.#output += chunk.toString()));
    }
  }

  outwitness(command: string, ...args: string[]): string {
    const { stdout } = spawnSync(process.execPath, [OUTWITNESS, command, '--data', this.data, '--json', ...args], {
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    });
    return stdout;
  }

  rows(): Row[] {
    const lines = this.outwitness('journal', '--where', 'kind=net').split('\n');
    return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Row);
  }

  report(): ReportJson {
    return JSON.parse(this.outwitness('report')) as ReportJson;
  }

  /** Until the burst of orders has been answered. */
  async busy(): Promise<void> {
    const latest = performance.now() + BURST_MS;
    for (;;) {
      const orders = this.#process.exitCode === null ? this.rows().filter((row) => row.path === '/orders').length : -1;
      if (orders >= ORDERS) return;
      assert.ok(orders >= 0 && performance.now() < latest, `${orders} orders were seen\n${this.#output}`);
      await sleep(500);
    }
  }

  /** @returns exit code, and how long the end took */
  async stop(): Promise<{ code: number | null; ms: number }> {
    const start = performance.now();
    if (this.#process.exitCode === null) {
      const ended = once(this.#process, 'exit');
      this.#process.kill('SIGTERM');
      await ended;
    }
    return { code: this.#process.exitCode, ms: performance.now() - start };
  }
}

function lineOf(file: string, text: string): number {
  const lines = readFileSync(join(ROOT, 'examples/shop', file), 'utf8').split('\n');
  const found = lines.findIndex((line) => line.includes(text)) + 1;
  assert.ok(found > 0, `${file} does not hold ${text}`);
  return found;
}

describe('the sample shop', () => {
  let shop: Shop;
  let whileOpen: ReportJson;
  let end: { code: number | null; ms: number };
  let rows: Row[];
  before(async () => {
    shop = new Shop({});
    await shop.busy();
    whileOpen = shop.report();
    end = await shop.stop();
    rows = shop.rows();
  });
  after(async () => {
    await shop.stop();
    rmSync(shop.data, { recursive: true, force: true });
  });

  test('is all clear within its first minute', () => {
    assert.deepEqual(whileOpen.reasons, []);
    assert.equal(whileOpen.verdict, 'all-clear');
  });

  test('ends when it is asked to, with the code of the shop', () => {
    assert.equal(end.code, 0);
    assert.ok(end.ms < END_MS, `it took ${end.ms} ms`);
  });

  const calls: readonly (readonly [host: string, name: string, version: string, author: string, site: RegExp])[] = [
    ['licence.vendor.test', '@vendor/licence', '2.3.0', 'Vendor Ltd', /^index\.js:\d+:\d+/],
    ['analytics.vendor.test', '@vendor/analytics', '1.4.1', 'Vendor Ltd', /^lib\/orders\.js:\d+:\d+ send$/],
    ['smtp.mailhost.test', 'order-mail', '3.0.2', 'Order Mail contributors', /^index\.js:\d+:\d+/],
    ['api.llm-provider.test', 'order-assistant', '0.9.4', 'Ada Order', /^index\.js:\d+:\d+/],
  ];
  for (const [host, name, version, author, site] of calls) {
    test(`names ${name} behind every call to ${host}, as declared`, () => {
      const mine = rows.filter((row) => row.direction === 'out' && row.host === host);
      assert.ok(mine.length >= ORDERS / 5, `${mine.length} rows`);
      for (const row of mine) {
        assert.equal(row.package, name);
        assert.equal(row.packageVersion, version);
        assert.ok(row.packageAuthor?.startsWith(author), row.packageAuthor);
        assert.match(row.site ?? '', site);
        assert.equal(row.declared, 'yes');
        assert.equal(row.class, host.endsWith('.vendor.test') ? 'vendor' : 'third-party');
      }
    });
  }

  test('has one row for each call, in and out, and no other', () => {
    const orders = rows.filter((row) => row.direction === 'in' && row.path === '/orders').length;
    const to = (host: string): number => rows.filter((row) => row.direction === 'out' && row.host === host).length;
    assert.equal(to('analytics.vendor.test'), orders);
    assert.equal(to('smtp.mailhost.test'), orders);
    assert.equal(to('api.llm-provider.test'), orders);
    assert.equal(to('licence.vendor.test'), Math.ceil(orders / 5));
    const known = new Set(calls.map(([host]) => host));
    const others = rows.filter((row) => row.direction === 'out' && !known.has(row.host ?? ''));
    // What Outwitness itself starts and loads is declared, and counts in no total.
    const ours = others.filter(({ app, declared }) => app === 'outwitness' && declared === 'yes');
    assert.deepEqual(others, ours);
    assert.ok(ours.length > 0);
  });

  test('leaves a ledger that verifies', () => {
    const { verdict } = JSON.parse(shop.outwitness('verify')) as { verdict: string };
    assert.ok(['VERIFIED', 'UNANCHORED'].includes(verdict), verdict);
  });
});

describe('the sample shop with LEAK=1', () => {
  let shop: Shop;
  let report: ReportJson;
  before(async () => {
    shop = new Shop({ LEAK: '1' });
    await shop.busy();
    report = shop.report();
    await shop.stop();
  });
  after(async () => {
    await shop.stop();
    rmSync(shop.data, { recursive: true, force: true });
  });

  test('raises an alarm whose text holds the package, file and line of the call', () => {
    assert.equal(report.verdict, 'alarm');
    const alarms = report.reasons.filter(({ severity }) => severity === 'alarm');
    assert.equal(alarms.length, 1, JSON.stringify(alarms));
    const text = alarms[0]?.text ?? '';
    const line = lineOf('plugins/analytics/lib/orders.js', 'await fetch(');
    assert.match(text, /@vendor\/analytics 1\.4\.1/);
    assert.match(text, new RegExp(`lib/orders\\.js\\D{1,10}${line}\\b`));
    assert.ok(alarms[0]?.detail[0]?.site?.startsWith(`lib/orders.js:${line}:`));
  });

  test('has a row for each leaked order, beyond what was declared', () => {
    const leaks = shop.rows().filter((row) => row.path === '/v1/orders');
    assert.ok(leaks.length >= ORDERS);
    for (const row of leaks) {
      assert.equal(row.package, '@vendor/analytics');
      assert.equal(row.declared, 'beyond');
    }
  });
});
