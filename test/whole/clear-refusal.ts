import assert from 'node:assert/strict';

import type { Ended } from '../../claims/system/outwitness.ts';

/**
 * Demands one clear message: the exit code, one line on stderr that names each of `names`, nothing of our insides.
 * Programs that ran before the refusal may have written to stdout.
 */
export function assertRefused(ended: Ended, code: number, ...names: (RegExp | string)[]): void {
  const { stderr } = ended;
  const shown = `exit ${ended.code}\n${stderr}${ended.stdout}`;
  assert.equal(ended.code, code, `expected exit ${code}, got ${shown}`);
  const lines = stderr.split('\n').filter((line) => line !== '');
  assert.equal(lines.length, 1, `expected one line on stderr, got ${shown}`);
  assert.match(lines[0] ?? '', /^outwitness: \S/, `expected a message that begins with "outwitness: ", got ${shown}`);
  assert.doesNotMatch(stderr, /^\s+at |node:internal|internal error/m, `expected nothing of our insides, got ${shown}`);
  for (const name of names) {
    const found = typeof name === 'string' ? stderr.includes(name) : name.test(stderr);
    assert.ok(found, `expected ${name} in the message, got ${shown}`);
  }
}
