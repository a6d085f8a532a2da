import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { authorOf } from '../src/attribution/package-json.ts';
import { Packages } from '../src/attribution/package-of.ts';
import { layout, temporary } from './layout.ts';

for (const [json, author] of [
  [{ author: 'Ann <ann@example.com> (https://ann.example)' }, 'Ann'],
  [{ author: { name: 'Ann', email: 'ann@example.com' } }, 'Ann'],
  [{ author: '<ann@example.com>' }, 'ann@example.com'],
  [{ author: '', maintainers: [{ name: 'Bob' }, { name: 'Cy' }] }, 'Bob'],
  [{ maintainers: 'Bob <b@example.com>' }, 'Bob'],
  [{ author: 7, maintainers: [null] }, undefined],
  [{}, undefined],
] as const) {
  test(`the author in ${JSON.stringify(json)} is ${author}`, () => {
    assert.equal(authorOf(json), author);
  });
}

test('the egress manifest is that of package.json, else egress.json beside it, without white space', (t) => {
  const directory = temporary(t);
  layout(directory, {
    'node_modules/a/package.json': { egress: { endpoints: ['https://a.example'] } },
    'node_modules/a/egress.json': { endpoints: [] },
    'node_modules/b/package.json': {},
    'node_modules/b/egress.json': '{\n  "endpoints": [ "https://b.example" ]\n}\n',
    'node_modules/c/package.json': { egress: 'none' },
    'node_modules/d/package.json': '{ "name": ',
    'node_modules/d/egress.json': '[]',
    'node_modules/e/package.json': { egress: { text: '"'.repeat(40_000) } },
  });
  const packages = new Packages();
  const manifest = (name: string): string | undefined =>
    packages.of(path.join(directory, `node_modules/${name}/x.js`)).manifest;
  assert.equal(manifest('a'), '{"endpoints":["https://a.example"]}');
  assert.equal(manifest('b'), '{"endpoints":["https://b.example"]}');
  assert.equal(manifest('c'), undefined);
  assert.equal(manifest('d'), '[]');
  assert.equal(manifest('e'), undefined);
});

test('files of tools in hidden folders of node_modules belong to the application', (t) => {
  const directory = temporary(t);
  layout(directory, { 'package.json': { name: 'shop' } });
  const packages = new Packages();
  assert.equal(packages.of(path.join(directory, 'node_modules/.cache/x/y.js')).name, 'shop');
  assert.equal(packages.of('/no-such-folder/x.js').name, '(app)');
  assert.equal(packages.of('x.js').name, '(app)');
});
