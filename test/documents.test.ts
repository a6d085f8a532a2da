import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';

const ROOT = join(import.meta.dirname, '..');
const documents = globSync(['*.md', 'docs/**/*.md', 'examples/*/*.md', 'packages/*/*.md'], { cwd: ROOT }).toSorted();

interface PackageJson {
  scripts: Record<string, string>;
  egress: { endpoints: Record<string, unknown>[] };
}

function packageJson(folder: string): PackageJson {
  return JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8')) as PackageJson;
}

describe('every document', () => {
  test('was read, the README among them', () => {
    assert.ok(documents.includes('README.md'));
  });

  for (const document of documents) {
    const text = readFileSync(join(ROOT, document), 'utf8');

    test(`${document} links to files that exist`, () => {
      for (const [, target = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
        if (/^[a-z]+:|^#/.test(target)) continue;
        const path = join(ROOT, dirname(document), target.replace(/#.*$/, ''));
        assert.ok(existsSync(path), `${document} links to ${target}, which does not exist`);
      }
    });

    test(`${document} names npm scripts and claims that exist`, () => {
      const { scripts } = packageJson('.');
      for (const [, script = ''] of text.matchAll(/npm run ([a-z][a-z:-]*)/g)) {
        assert.ok(script in scripts, `${document} names npm run ${script}, which package.json does not have`);
      }
      for (const [, claim = ''] of text.matchAll(/npm run claim -- ([a-z][a-z0-9-]*)/g)) {
        assert.ok(existsSync(join(ROOT, 'claims', `${claim}.ts`)), `${document} names the unknown claim ${claim}`);
      }
    });
  }

  test('README.md shows a manifest that a plug-in of the sample really has', () => {
    const shown = /```json\n("egress": \{[^]*?\n\})\n```/.exec(readFileSync(join(ROOT, 'README.md'), 'utf8'))?.[1];
    assert.ok(shown !== undefined);
    const { egress } = JSON.parse(`{${shown}}`) as Pick<PackageJson, 'egress'>;
    const real = packageJson('examples/shop/plugins/analytics').egress;
    for (const [name, value] of Object.entries(egress.endpoints[0] ?? {})) {
      assert.deepEqual(real.endpoints[0]?.[name], value, name);
    }
  });
});
