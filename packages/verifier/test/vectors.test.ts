import assert from 'node:assert/strict';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';

import { comparePaths, verifyPath } from '../src/index.ts';
import { newFolder } from './experiment.ts';

interface Vector {
  path: string;
  pins: string[];
  now: number;
  verdict: string;
  exit: number;
  size: number;
  range: [number, number];
  findings: string[];
}

const folder = fileURLToPath(new URL('../../../testdata/vectors/verifier/', import.meta.url));
const vectors = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as Vector[];
assert.ok(vectors.length >= 15);

for (const { path, pins, now, ...expected } of vectors) {
  it(`judges the frozen ${path} with ${pins.length} pins as ${expected.verdict}`, async () => {
    const copy = newFolder();
    cpSync(join(folder, path), copy, { recursive: true });
    const { verdict, exit, size, range, findings } = await verifyPath(copy, { pins, now });
    const found = findings.map(({ code, seq }) => `${code} ${seq}`);
    assert.deepEqual({ verdict, exit, size, range, findings: found }, expected);
  });
}

interface SplitViews {
  pairs: (Omit<Vector, 'path' | 'now' | 'verdict'> & { a: string; b: string; relation: string; evidence: string })[];
  files: Omit<Vector, 'now'>[];
}

const views = fileURLToPath(new URL('../../../testdata/vectors/split-view/', import.meta.url));
const { pairs, files } = JSON.parse(readFileSync(join(views, 'expected.json'), 'utf8')) as SplitViews;
const named = ({ findings }: { findings: readonly { code: string; seq: number }[] }): string[] =>
  findings.map(({ code, seq }) => `${code} ${seq}`);

it('compares the frozen statements as before, to the byte of the evidence', async () => {
  assert.ok(pairs.length >= 10);
  for (const { a, b, pins, evidence, ...expected } of pairs) {
    const said = await comparePaths(join(views, a), join(views, b), { pins });
    const { relation, exit, size, range } = said;
    assert.deepEqual({ relation, exit, size, range, findings: named(said) }, expected, `${a} and ${b}`);
    assert.equal(said.evidence, evidence === '' ? '' : readFileSync(join(views, evidence), 'utf8'));
  }
});

it('judges the frozen evidence of split views', async () => {
  assert.ok(files.length >= 10);
  for (const { path, pins, ...expected } of files) {
    const said = await verifyPath(join(views, path), { pins });
    const { verdict, exit, size, range } = said;
    assert.deepEqual({ verdict, exit, size, range, findings: named(said) }, expected, path);
  }
});
