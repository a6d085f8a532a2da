import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const ROOT = join(import.meta.dirname, '..');

function codesInDocument(): Set<string> {
  const text = readFileSync(join(ROOT, 'docs/reference/errors.md'), 'utf8');
  return new Set([...text.matchAll(/^\| `([a-z-]+)` \|/gm)].map((match) => match[1] ?? ''));
}

/** The members of every union type or table whose name ends in ErrorCode or is STATUS, and literals given to OutwitnessError. */
function codesInSource(): Set<string> {
  const codes = new Set<string>();
  for (const file of globSync('packages/*/src/**/*.ts', { cwd: ROOT })) {
    if (file.startsWith('packages/dashboard/')) continue;
    const text = readFileSync(join(ROOT, file), 'utf8');
    for (const [, members = ''] of text.matchAll(/export type \w+ErrorCode =([^;]+);/g)) {
      for (const [, code = ''] of members.matchAll(/'([a-z-]+)'/g)) codes.add(code);
    }
    for (const [, code = ''] of text.matchAll(/new OutwitnessError(?:<\w+>)?\(\s*'([a-z-]+)'/g)) codes.add(code);
    if (file === 'packages/server/src/errors.ts') {
      for (const [, code = ''] of text.matchAll(/^ {2}'?([a-z-]+)'?: \d{3},$/gm)) codes.add(code);
    }
  }
  return codes;
}

test('every error code has its row in docs/reference/errors.md, and no row is left over', () => {
  const source = codesInSource();
  assert.ok(source.size > 40, `found ${source.size} codes`);
  assert.deepEqual([...codesInDocument()].sort(), [...source].sort());
});

test('every setting has its row in docs/reference/settings.md', () => {
  const source = readFileSync(join(ROOT, 'packages/collector/src/settings.ts'), 'utf8');
  const document = readFileSync(join(ROOT, 'docs/reference/settings.md'), 'utf8');
  const names = [...source.matchAll(/\{ file: '([\w.]+)', env: '(\w+)' \}/g)];
  assert.ok(names.length >= 10);
  for (const [, file, env] of names) assert.match(document, new RegExp(`^\\| \`${file}\` \\| \`${env}\` \\|`, 'm'));
});

test('every finding of doctor has its row in docs/reference/json.md, and no row is left over', () => {
  const source = new Set<string>();
  for (const file of globSync('packages/cli/src/doctor/*.ts', { cwd: ROOT })) {
    const text = readFileSync(join(ROOT, file), 'utf8');
    for (const [, id = ''] of text.matchAll(/(?:\bid: |\badd\(\s*|id: same \? )'([a-z-]+)'/g)) source.add(id);
    for (const [, id = ''] of text.matchAll(/ : '(agent-[a-z]+)'/g)) source.add(id);
  }
  assert.ok(source.size > 15, `found ${source.size} ids`);
  const [, table = ''] = readFileSync(join(ROOT, 'docs/reference/json.md'), 'utf8').split('| finding | told when |');
  const document = new Set<string>();
  for (const [, ids = ''] of table.matchAll(/^\| ((?:`[a-z-]+` ?)+)\|/gm)) {
    for (const [, id = ''] of ids.matchAll(/`([a-z-]+)`/g)) document.add(id);
  }
  assert.deepEqual([...document].sort(), [...source].sort());
});
