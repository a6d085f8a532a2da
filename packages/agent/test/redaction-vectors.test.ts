import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Redaction } from '../src/redaction/policy.ts';

interface Kept<T> {
  default: T;
  strict: T;
}

interface Vectors {
  key: string;
  targets: ({ raw: string } & Kept<object>)[];
  headers: ({ names: string[] } & Kept<string[]>)[];
  localPaths: ({ path: string } & Kept<string>)[];
  hosts: ({ host: string } & Kept<string>)[];
}

const FILE = join(import.meta.dirname, '../../../testdata/vectors/redaction.json');
const vectors = JSON.parse(readFileSync(FILE, 'utf8')) as Vectors;

for (const mode of ['default', 'strict'] as const) {
  test(`what is kept in ${mode} mode is what the vectors say, which other agents follow too`, () => {
    const key = { bytes: Buffer.from(vectors.key, 'hex'), own: false };
    const policy = new Redaction({ strict: mode === 'strict', key });
    assert.ok(vectors.targets.length > 50);
    for (const { raw, [mode]: kept } of vectors.targets) {
      const target = { method: 'GET', scheme: 'https', host: 'api.vendor.test', port: 443, rawPath: raw };
      assert.deepEqual({ ...policy.target(target) }, kept, raw);
    }
    for (const { names, [mode]: kept } of vectors.headers) assert.deepEqual(policy.headerNames(names), kept);
    for (const { path, [mode]: kept } of vectors.localPaths) assert.equal(policy.localPath(path), kept);
    for (const { host, [mode]: kept } of vectors.hosts) assert.equal(policy.hostName(host), kept);
  });
}
