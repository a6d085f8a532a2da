import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { IMPORT_ENTRY, REQUIRE_ENTRY, withEntry } from '../src/entry.ts';
import { withoutOurEntries } from '../src/node-options.ts';

test('every spelling of our entry is taken out of NODE_OPTIONS, and nothing else', () => {
  for (const ours of [
    `--require "${REQUIRE_ENTRY}"`,
    `--require=${REQUIRE_ENTRY}`,
    `-r ${REQUIRE_ENTRY}`,
    `--import ${IMPORT_ENTRY}`,
    '--import=outwitness/register',
    '--require outwitness/register.cjs',
    '--require @outwitness/agent/register',
    '--require "/srv/my app/node_modules/outwitness/register.cjs"',
  ]) {
    assert.equal(
      withoutOurEntries(`--max-old-space-size=100 ${ours} --require "./a b.cjs"`),
      '--max-old-space-size=100 --require "./a b.cjs"',
    );
    assert.equal(withoutOurEntries(ours), '');
  }
  for (const others of [
    '',
    '--import dd-trace/register.js',
    '--require ./register.cjs',
    '-r other-outwitness/register',
  ]) {
    assert.equal(withoutOurEntries(others), others);
  }
});

test('what was put in is taken out again, whatever stood there', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('--a', '--b=c', '"--d e"', '--import x', '-r "y z"')), (options) => {
      const before = options.join(' ');
      assert.equal(withoutOurEntries(withEntry(before)), before);
    }),
  );
});
