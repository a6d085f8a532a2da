import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { networkProgramsOf } from '../src/channels/command-line.ts';

const FILE = join(import.meta.dirname, '../../../testdata/vectors/command-lines.json');
const { lines } = JSON.parse(readFileSync(FILE, 'utf8')) as { lines: { line: string; programs: string[] }[] };

test('there are command lines to look at', () => assert.ok(lines.length >= 25));

for (const { line, programs } of lines) {
  test(`network programs of ${JSON.stringify(line)}: ${programs.join(' ') || 'none'}`, () => {
    assert.deepEqual(networkProgramsOf(line.split(' ')), programs);
  });
}

test('a line of any length is looked at in time that grows with it', () => {
  const long = `${'sudo -u x '.repeat(20_000)}${'('.repeat(100_000)}${' \n'.repeat(100_000)}${' '.repeat(500_000)}curl`;
  assert.deepEqual(networkProgramsOf([long]), ['curl']);
});
