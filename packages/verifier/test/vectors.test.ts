import assert from 'node:assert/strict';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';

import { verifyPath } from '../src/index.ts';
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
