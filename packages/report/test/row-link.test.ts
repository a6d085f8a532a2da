import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FIELDS } from '@outwitness/event';

import { cellLink, kindLink } from '../src/row-link.ts';
import { cell } from './sample.ts';

test('an outbound cell is found by the fields of its rows', () => {
  assert.deepEqual(cellLink(cell({ class: 'vendor', vendor: 'Acme', firstSeq: 3, lastSeq: 9, host: 'a.test' })), {
    where: {
      kind: 'net',
      app: 'shop',
      direction: 'out',
      channel: 'http',
      package: 'client',
      host: 'a.test',
      port: '443',
      class: 'vendor',
      declared: 'none',
      vendor: 'Acme',
    },
    fromSeq: 3,
    toSeq: 9,
  });
});

test('an inbound cell is found by listener and local port', () => {
  const { where } = cellLink(cell({ direction: 'in', host: 'shop.test', port: 80 }));
  assert.deepEqual(
    [where['listener'], where['localPort'], where['host'], where['port']],
    ['shop.test', '80', undefined, undefined],
  );
});

test('what is absent in the rows is asked for as absent', () => {
  const { where } = cellLink(cell({ package: '', host: '', port: -1 }));
  assert.deepEqual([where['package'], where['host'], where['port'], where['vendor']], ['', '', '', '']);
});

test('(other) is no host of any row', () => {
  assert.ok(!('host' in cellLink(cell({ host: '(other)' })).where));
});

test('every field asked for exists in a row', () => {
  const fields = [cell(), cell({ direction: 'in' })].flatMap((one) => Object.keys(cellLink(one).where));
  for (const field of fields) assert.ok(field === 'listener' || field in FIELDS, field);
});

test('a link without bounds is open', () => {
  assert.deepEqual(cellLink({ direction: 'out' }), {
    where: { kind: 'net', direction: 'out' },
    fromSeq: null,
    toSeq: null,
  });
  assert.deepEqual(kindLink({ kind: 'gap' }), { where: { kind: 'gap' }, fromSeq: null, toSeq: null });
});
