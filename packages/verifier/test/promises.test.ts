/** What the package promises about itself: its size, its dependencies, and that its tables are those of the pages. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { it } from 'node:test';

import { CODES, VERDICTS } from '../src/index.ts';
import { fold, NORMATIVE } from '../src/node/schema.ts';
import { schemaOfThePage } from './reference-writer.ts';

const SRC = new URL('../src/', import.meta.url);
const read = (name: string): string => readFileSync(new URL(name, SRC), 'utf8');
const page = (name: string): string => readFileSync(new URL(`../../../docs/formats/${name}`, import.meta.url), 'utf8');
const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));

/** docs/decisions/0006: new code has to make room for itself. */
const CORE_LINES = 1571;
const ALL_LINES = 3059;

function linesOfCode(source: string): number {
  const code = source.replaceAll(/^\s*\/\*\*[\s\S]*?\*\/$/gm, '').split('\n');
  return code.filter((line) => line.trim() !== '' && !line.trim().startsWith('//')).length;
}

function importsOf(name: string): string[] {
  return [...read(name).matchAll(/from '([^']+)'/g)].map(([, target]) => target!);
}

function reachableFrom(name: string, seen: Set<string> = new Set()): Set<string> {
  if (seen.has(name)) return seen;
  seen.add(name);
  for (const target of importsOf(name)) if (target.startsWith('.')) reachableFrom(join(dirname(name), target), seen);
  return seen;
}

it('can be read in one sitting', () => {
  const count = (names: Iterable<string>): number => [...names].reduce((sum, name) => sum + linesOfCode(read(name)), 0);
  const core = count(new Set(['verify-bundle.ts', 'verify-proof.ts'].flatMap((name) => [...reachableFrom(name)])));
  const total = count(files);
  process.stdout.write(`verifier: ${core} lines of code judge bundles and proofs, ${total} with stores and command\n`);
  assert.ok(core <= CORE_LINES && total <= ALL_LINES, `${core} and ${total} lines`);
});

it('imports nothing but node: modules and itself', () => {
  assert.ok(files.length > 10);
  for (const name of files)
    for (const target of importsOf(name))
      assert.match(target, /^(?:\.\.?\/(?:(?:node|page)\/)?[a-z0-9-]+\.ts|node:[a-z/]+)$/);
  assert.equal(JSON.parse(readFileSync(new URL('../package.json', SRC), 'utf8')).dependencies, undefined);
});

it('verifies bundles and proofs, and in a browser, without any node: module', () => {
  for (const start of ['verify-bundle.ts', 'verify-proof.ts', 'page/page.ts']) {
    const reached = reachableFrom(start);
    assert.ok(reached.size > 8);
    for (const name of reached) for (const target of importsOf(name)) assert.doesNotMatch(target, /^node:/, name);
  }
});

it('has the codes, verdicts and exits of verification.md', () => {
  const table = Object.fromEntries(
    [...page('verification.md').matchAll(/^\| (\d+) \| ([A-Z]+) \| (.*?) ?\|$/gm)].map(([, exit, verdict, codes]) => [
      verdict!,
      {
        exit: Number(exit),
        codes: codes!
          .split('·')
          .flatMap((entry) =>
            [...(/^(?:\s*`[a-z-]+`)+/.exec(entry)?.[0] ?? '').matchAll(/`([a-z-]+)`/g)].map(([, code]) => code!),
          ),
      },
    ]),
  );
  assert.deepEqual(Object.keys(table), Object.keys(VERDICTS));
  for (const [verdict, { exit, codes }] of Object.entries(table)) {
    assert.equal(exit, VERDICTS[verdict as keyof typeof VERDICTS]);
    const ours = Object.entries(CODES).filter(([, severity]) => severity === verdict);
    assert.deepEqual(codes.toSorted(), ours.map(([code]) => code).toSorted());
  }
});

it('compares the schema with that of store-sqlite.md', () => {
  const objects = schemaOfThePage()
    .trim()
    .split(/;\n(?=CREATE|$)|;$/)
    .filter((sql) => sql !== '');
  assert.deepEqual([...NORMATIVE.values()].toSorted(), objects.map((sql) => fold(sql)).toSorted());
});
