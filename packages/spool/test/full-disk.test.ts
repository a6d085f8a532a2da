import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { SpoolReader, START } from '../src/index.ts';
import { temporary } from './temporary.ts';

const FIXTURE = new URL('fixtures/full-disk-writer.mjs', import.meta.url).pathname;

test(
  'when the system refuses to write more, the calls written and the calls counted as lost add up',
  { skip: process.platform === 'linux' ? false : 'needs a tmpfs of Linux' },
  (t) => {
    const directory = temporary(t);
    const lost = Number(
      execFileSync('bash', ['-c', 'ulimit -S -f 4 && exec "$0" "$1" "$2"', process.execPath, FIXTURE, directory], {
        encoding: 'utf8',
      }),
    );
    const reader = new SpoolReader(directory);
    const { records, damage } = reader.read(reader.list().segments[0]!.name, START, 1 << 20, true);
    const calls = records.filter(({ record }) => record.kind === 'open').length;
    const gap = records.find(({ record }) => record.kind === 'gap')?.record;
    const torn = damage.reduce((sum, { missing }) => sum + missing, 0);
    assert.ok(lost > 10 && torn <= 1);
    assert.ok(gap?.kind === 'gap' && gap.event === 'degraded' && /EFBIG/.test(gap.text));
    assert.equal(gap.missing, lost);
    assert.equal(calls + lost + torn, 101);
    assert.equal(records.at(-1)?.record.kind, 'bye');
  },
);
