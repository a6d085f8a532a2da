import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

interface Entry {
  readonly version?: string;
  readonly resolved?: string;
  readonly link?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const lockfile = readFileSync(join(import.meta.dirname, '..', 'package-lock.json'), 'utf8');
const packages = Object.entries((JSON.parse(lockfile) as { packages: Record<string, Entry> }).packages);

test('the lockfile names no registry, so it holds behind any mirror', () => {
  assert.ok(packages.length > 0);
  assert.deepEqual(
    packages.filter(([, { resolved, link }]) => resolved !== undefined && link !== true).map(([path]) => path),
    [],
  );
});

test('the lockfile has the optional packages of every platform, else npm ci refuses it: run "npm run lockfile"', () => {
  const names = new Set(packages.map(([path]) => path.split('node_modules/').at(-1)));
  const optional = packages.flatMap(([, entry]) => Object.keys(entry.optionalDependencies ?? {}));
  assert.ok(optional.length > 0);
  assert.deepEqual(
    optional.filter((name) => !names.has(name)),
    [],
  );
});
