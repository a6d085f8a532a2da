import assert from 'node:assert/strict';
import { test } from 'node:test';

import { cutPower, isWholeAfter } from '../../claims/experiments/power-cuts.ts';
import { whyNotTraced } from '../../claims/system/write-trace.ts';

const CUTS = process.env['OUTWITNESS_LONG'] === '1' ? 100 : 5;
const reason = whyNotTraced();

test(
  'a disk that lost what was not synced holds every note that was shown, and no row is lost or doubled on it',
  reason === undefined ? {} : { skip: reason },
  async () => {
    const cuts = await cutPower(CUTS, 1_000);
    assert.equal(cuts.length, CUTS);
    assert.ok(
      cuts.some(({ shown, calls }) => shown > 0 && calls > 0),
      'no cut fell behind a commit',
    );
    assert.deepEqual(
      cuts.filter((cut) => !isWholeAfter(cut)),
      [],
    );
  },
);
