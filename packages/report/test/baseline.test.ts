import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { diffLock, lockable, lockText, parseLock } from '../src/baseline.ts';
import { parsePair } from '../src/pair.ts';
import { pair } from './sample.ts';

const PAIRS = ['b -> y.test:1', 'a -> x.test:443', '(none) -> z.test', 'a -> [::1]:80'].map(parsePair);

test('a lock file has one sorted line per pair, and nothing that changes from run to run', () => {
  const text = '(none) -> z.test\na -> [::1]:80\na -> x.test:443\nb -> y.test:1\n';
  assert.equal(lockText(PAIRS), text);
  assert.equal(lockText([...PAIRS, ...PAIRS].toReversed()), text);
  assert.equal(lockText([]), '');
});

test('a lock file is read back, comments, empty lines and Windows line ends included', () => {
  assert.deepEqual(
    parseLock(lockText(PAIRS)),
    PAIRS.toSorted((a, b) => (lockText([a]) < lockText([b]) ? -1 : 1)),
  );
  assert.deepEqual(parseLock('# why\r\n\r\na -> x.test:443\r\n'), [parsePair('a -> x.test:443')]);
});

test('a line that is no pair is named, a conflict left in the file as well', () => {
  assert.throws(() => parseLock('a -> x.test:1\n<<<<<<< HEAD\n'), {
    code: 'lock-invalid',
    message: /^egress\.lock, line 2: expected a pair such as .* got "<<<<<<< HEAD"\. Run "outwitness lock --update"/,
  });
});

test('the difference says what is new and what is gone', () => {
  const seen = [parsePair('a -> x.test:443'), parsePair('c -> new.test:443')];
  assert.deepEqual(diffLock(PAIRS, seen), {
    added: ['c -> new.test:443'],
    gone: ['(none) -> z.test', 'a -> [::1]:80', 'b -> y.test:1'],
  });
  assert.deepEqual(diffLock(seen, seen), { added: [], gone: [] });
});

test('applying the difference to the lock gives what was seen', () => {
  const some = fc.subarray(PAIRS);
  fc.assert(
    fc.property(some, some, (lock, seen) => {
      const { added, gone } = diffLock(lock, seen);
      const lines = new Set([...lock.map((one) => lockText([one]).trim()), ...added]);
      for (const line of gone) lines.delete(line);
      assert.equal(
        [...lines]
          .sort()
          .map((line) => `${line}\n`)
          .join(''),
        lockText(seen),
      );
    }),
  );
});

test('what stays inside, has no host or never began belongs into no lock', () => {
  const pairs = [pair(), pair({ class: 'internal' }), pair({ host: '' }), pair({ events: 0 })];
  assert.equal(lockText(lockable(pairs)), 'client -> new.example.test:443\n');
});
