import assert from 'node:assert/strict';
import { test } from 'node:test';

import { vendorOutsideDeclaration } from '../../src/rules/vendor-outside-declaration.ts';
import { cell, facts, fired, HOUR, NOW, NOW_HOUR, reason, rowsOf } from '../sample.ts';

const vendor = {
  class: 'vendor',
  vendor: 'Acme',
  package: '@acme/analytics',
  host: 'analytics.acme.test',
  lastSeq: 188,
};
const row = {
  seq: 188,
  time: NOW,
  site: 'index.js:17:28 send',
  packageVersion: '1.4.1',
  method: 'POST',
  path: '/v1/orders',
};

test('names vendor, package, version, host, request, file and line', () => {
  const finding = fired(vendorOutsideDeclaration, {
    cells: [cell({ ...vendor, declared: 'beyond', events: 3 })],
    ...rowsOf(row),
  });
  assert.equal(
    finding.text,
    'The watched vendor Acme was contacted outside its declaration: package @acme/analytics 1.4.1 contacted ' +
      'analytics.acme.test:443, beyond what is declared (POST /v1/orders), in index.js, line 17 (send). 3 calls in all.',
  );
  assert.deepEqual(finding.cases[0], {
    text: finding.text.split(': ')[1]?.replace('. 3 calls in all.', ''),
    count: 3,
    link: {
      where: {
        kind: 'net',
        app: 'shop',
        direction: 'out',
        channel: 'http',
        package: '@acme/analytics',
        host: 'analytics.acme.test',
        port: '443',
        class: 'vendor',
        declared: 'beyond',
        vendor: 'Acme',
      },
      fromSeq: 188,
      toSeq: 188,
    },
    app: 'shop',
    package: '@acme/analytics',
    host: 'analytics.acme.test',
    port: 443,
    site: 'index.js:17:28 send',
    seq: 188,
    time: NOW,
  });
});

test('a host that is not declared at all is said so', () => {
  const finding = fired(vendorOutsideDeclaration, { cells: [cell({ ...vendor, declared: 'no' })], ...rowsOf(row) });
  assert.match(finding.text, /contacted analytics\.acme\.test:443, which it does not declare, in index\.js, line 17/);
  assert.match(finding.text, /1 call in all/);
});

test('still speaks if the row is gone', () => {
  const finding = fired(vendorOutsideDeclaration, { cells: [cell({ ...vendor, declared: 'no' })] });
  assert.match(
    finding.text,
    /package @acme\/analytics contacted analytics\.acme\.test:443, which it does not declare\./,
  );
});

test('a caller that nobody could name is still a case', () => {
  const finding = fired(vendorOutsideDeclaration, { cells: [cell({ ...vendor, package: '', declared: 'beyond' })] });
  assert.match(finding.text, /a caller that could not be named contacted analytics\.acme\.test:443/);
});

test('cells of several hours are one case, the newest row speaks', () => {
  const finding = fired(vendorOutsideDeclaration, {
    cells: [
      cell({ ...vendor, declared: 'beyond', hour: NOW_HOUR, events: 2, firstSeq: 180, lastSeq: 188 }),
      cell({ ...vendor, declared: 'beyond', hour: NOW_HOUR - 1, events: 4, firstSeq: 20, lastSeq: 60 }),
    ],
    ...rowsOf(row),
  });
  assert.equal(finding.cases.length, 1);
  assert.equal(finding.count, 6);
  assert.deepEqual(finding.cases[0]?.link.fromSeq, 20);
  assert.equal(finding.cases[0]?.seq, 188);
});

test('a call found too big only when it ended has no event of its own in that cell and counts as one', () => {
  const finding = fired(vendorOutsideDeclaration, {
    cells: [cell({ ...vendor, declared: 'yes', events: 1 }), cell({ ...vendor, declared: 'beyond', events: 0 })],
  });
  assert.equal(finding.count, 1);
});

test('different hosts and packages are different cases, newest first', () => {
  const finding = fired(vendorOutsideDeclaration, {
    cells: [
      cell({ ...vendor, declared: 'no', lastSeq: 5 }),
      cell({ ...vendor, declared: 'no', package: 'other', lastSeq: 9 }),
      cell({ ...vendor, declared: 'no', host: 'x.acme.test', lastSeq: 7 }),
    ],
  });
  assert.deepEqual(
    finding.cases.map((one) => one.seq),
    [9, 7, 5],
  );
});

const DAILY = {
  package: '@acme/analytics',
  version: '1.4.1',
  manifest: JSON.stringify({
    endpoints: [{ host: 'analytics.acme.test', purpose: 'Counts', maxBytesOutPerDay: 100 }],
  }),
};

test('more bytes on one day than the manifest allows is outside the declaration too', () => {
  const cells = [1, 2, 3].map((back) =>
    cell({ ...vendor, declared: 'yes', hour: NOW_HOUR - back, bytesOut: 40, events: 1, lastSeq: 100 + back }),
  );
  const change = { packages: new Map([['@acme/analytics', DAILY]]) };
  const finding = fired(vendorOutsideDeclaration, { ...change, limited: cells });
  assert.match(finding.text, /sent 120 bytes to analytics\.acme\.test on 2026-03-02, where it declares at most 100/);
  assert.equal(vendorOutsideDeclaration.evaluate(facts({ ...change, limited: cells.slice(1) })), undefined);
});

test('the days are counted apart', () => {
  const midnight = Math.floor(NOW / (24 * HOUR)) * 24;
  const cells = [midnight - 1, midnight].map((hour) => cell({ ...vendor, declared: 'yes', hour, bytesOut: 60 }));
  assert.equal(
    vendorOutsideDeclaration.evaluate(facts({ limited: cells, packages: new Map([['@acme/analytics', DAILY]]) })),
    undefined,
  );
});

for (const [what, change] of [
  ['the call is declared', { declared: 'yes' }],
  ['there is no manifest to be outside of', { declared: 'none' }],
  ['the vendor is not watched', { declared: 'no', class: 'third-party' }],
  ['the destination is unclassified', { declared: 'no', class: 'unclassified', vendor: '' }],
  ['the vendor called us', { declared: 'no', direction: 'in' }],
] as const) {
  test(`does not fire if ${what}`, () => {
    assert.equal(vendorOutsideDeclaration.evaluate(facts({ cells: [cell({ ...vendor, ...change })] })), undefined);
  });
}

test('asks for the newest row of each case', () => {
  const cells = [cell({ ...vendor, declared: 'no', lastSeq: 5 }), cell({ ...vendor, declared: 'yes', lastSeq: 9 })];
  assert.deepEqual(vendorOutsideDeclaration.evidence?.(facts({ cells })), [5]);
});

test('is an alarm whose detail is cut at 20 cases and says so', () => {
  const cells = Array.from({ length: 23 }, (_, i) => cell({ ...vendor, declared: 'no', host: `h${i}.acme.test` }));
  const found = reason('vendor-outside-declaration', { cells });
  assert.equal(found?.severity, 'alarm');
  assert.equal(found.detail.length, 20);
  assert.equal(found.detailOmitted, 3);
  assert.equal(found.count, 23);
});
