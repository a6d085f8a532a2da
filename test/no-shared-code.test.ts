/** Writer and verifier were written apart: no block of more than 8 lines stands in both. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const MOST = 8;
const folder = (name: string): string => join(import.meta.dirname, '../packages', name, 'src');

/** Lines of code with their place: white space folded, comments, imports and lines of punctuation left out. */
function linesOf(source: string): string[] {
  return source
    .replaceAll(/\/\*[\s\S]*?\*\//g, '')
    .split('\n')
    .map((line) =>
      line
        .replace(/(^|\s)\/\/ .*$/, '')
        .replaceAll(/\s+/g, ' ')
        .trim(),
    )
    .filter((line) => /[A-Za-z0-9]/.test(line) && !line.startsWith('import '));
}

function sourcesOf(name: string): Map<string, string> {
  const names = readdirSync(folder(name), { recursive: true, encoding: 'utf8' }).filter((one) => one.endsWith('.ts'));
  return new Map(names.map((one) => [`${name}/src/${one}`, readFileSync(join(folder(name), one), 'utf8')]));
}

/** Every run of so many lines, with the file in which it begins. */
function blocksOf(sources: ReadonlyMap<string, string>): Map<string, string> {
  const blocks = new Map<string, string>();
  for (const [file, source] of sources) {
    const lines = linesOf(source);
    for (let at = 0; at + MOST < lines.length; at += 1) blocks.set(lines.slice(at, at + MOST + 1).join('\n'), file);
  }
  return blocks;
}

function shared(writer: ReadonlyMap<string, string>, verifier: ReadonlyMap<string, string>): string[] {
  const theirs = blocksOf(verifier);
  return [...blocksOf(writer)].flatMap(([block, file]) => {
    const other = theirs.get(block);
    return other === undefined ? [] : [`${file} and ${other}:\n${block}`];
  });
}

const verifier = sourcesOf('verifier');

for (const name of ['ledger', 'store-sqlite', 'event']) {
  test(`no block of more than ${MOST} lines stands in ${name} and in the verifier`, () => {
    const writer = sourcesOf(name);
    assert.ok(blocksOf(writer).size > 100 && blocksOf(verifier).size > 500, 'both were really read');
    assert.deepEqual(shared(writer, verifier), []);
  });
}

test('a block of nine lines, moved and indented otherwise, is seen, and one of eight is not', () => {
  const lines = [...verifier.values()].map(linesOf).find((some) => some.length > 60)!;
  const planted = (count: number): Map<string, string> =>
    new Map([
      [
        'planted.ts',
        ['const before = 1;', ...lines.slice(20, 20 + count).map((line) => `      ${line}`), 'const behind = 2;'].join(
          '\n',
        ),
      ],
    ]);
  assert.ok(shared(planted(MOST + 1), verifier).length > 0);
  assert.deepEqual(shared(planted(MOST), verifier), []);
});
