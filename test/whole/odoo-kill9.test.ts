/** Python programs that are killed: `npm run claim -- odoo-kill9` kills many more. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { missingFor } from '../../claims/experiments/python-channels.ts';
import { killPython, PYTHON_MODES } from '../../claims/experiments/python-kills.ts';
import { pythonHere } from '../../claims/system/python.ts';
import { seededRandom } from '../../claims/system/seeded-random.ts';

const missing = pythonHere() === undefined ? 'Python 3.8 or newer' : missingFor('threads');
const skip = missing === undefined ? false : `${missing} is not installed`;

for (const mode of PYTHON_MODES) {
  test(`SIGKILL of a Python program (${mode}) loses and doubles no call that has left`, { skip }, async () => {
    const { kills, twice, verifyExit } = await killPython(mode, 4, seededRandom(mode));
    assert.equal(kills.length, 4);
    for (const kill of kills) {
      assert.ok(kill.arrived > 0, JSON.stringify(kill));
      assert.deepEqual([kill.missing, kill.notLost, kill.verifyExit], [[], [], 0], JSON.stringify(kill));
    }
    assert.ok(kills.some(({ lost }) => lost > 0));
    assert.deepEqual([twice, verifyExit], [0, 0]);
  });
}
