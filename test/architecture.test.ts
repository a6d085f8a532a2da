import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';

import fc from 'fast-check';

import { importsOf } from './architecture/imports.ts';
import { inspect, type Rule } from './architecture/rules.ts';
import { readTree } from './architecture/tree.ts';

const tree = readTree(join(import.meta.dirname, '..'));

describe('the packages', () => {
  test('keep the rules of the design', () => {
    const { violations } = inspect(tree);
    assert.deepEqual(
      violations.map(({ file, rule, text }) => `packages/${file}: ${rule}: ${text}`),
      [],
    );
  });

  test('were really read: a module in every package, an edge between packages', () => {
    const { modules, edges } = inspect(tree);
    const packages = new Set([...tree.keys()].map((file) => file.split('/')[0]));
    assert.ok(packages.size > 0);
    for (const name of packages)
      assert.ok((modules.get(name ?? '') ?? 0) > 0, `no module was seen in packages/${name}`);
    assert.ok(edges.size > 0, 'no import between packages was seen');
  });

  test('hold no import that the scanner misses', () => {
    for (const [file, content] of tree) {
      if (!/\.[cm]?[jt]sx?$/.test(file)) continue;
      const found = new Set(importsOf(content).map(({ specifier }) => specifier));
      for (const [line, specifier] of content.matchAll(/^(?:import|export|\}) ?[^'"`;]*?\bfrom '([^']+)';$/gm)) {
        assert.ok(found.has(specifier), `packages/${file}: ${line}`);
      }
    }
  });
});

describe('a planted violation is reported:', () => {
  const plants: readonly (readonly [Rule, string, string])[] = [
    ['known-package', 'sidecar/src/index.ts', ''],
    ['arrows-point-left', 'spool/src/planted.ts', `import { a } from '@outwitness/ledger';`],
    ['arrows-point-left', 'ledger/src/planted.ts', `const a = await import('../../collector/src/index.ts');`],
    ['arrows-point-left', 'agent/register.cjs', `require('@outwitness/ledger');`],
    ['arrows-point-left', 'collector/src/planted.ts', `export * from 'outwitness';`],
    ['arrows-point-left', 'store-sqlite/src/planted.ts', `import.meta.resolve('@outwitness/server');`],
    ['arrows-point-left', 'cli/src/planted.ts', `import { verify } from '@outwitness/verifier';`],
    ['arrows-point-left', 'event/package.json', `{ "dependencies": { "@outwitness/spool": "0.1.0" } }`],
    ['stay-in-your-package', 'report/src/planted.ts', `import a from '../../../scripts/child.mjs';`],
    ['declare-what-you-import', 'verifier/package.json', ''],
    ['event-imports-nothing', 'event/src/planted.ts', `import { join } from 'node:path';`],
    ['event-imports-nothing', 'event/src/planted.ts', `import type { A } from '@outwitness/spool';`],
    ['event-imports-nothing', 'event/src/planted.ts', `import a from 'left-pad';`],
    ['interceptor-imports-node-and-event', 'interceptor/src/planted.ts', `import '@outwitness/spool';`],
    ['interceptor-imports-node-and-event', 'interceptor/src/planted.ts', `import { request } from 'undici';`],
    ['audited-process-has-no-third-party', 'agent/src/planted.ts', `import a from 'left-pad';`],
    ['audited-process-has-no-third-party', 'agent/package.json', `{ "dependencies": { "left-pad": "1.3.0" } }`],
    ['audited-process-has-no-third-party', 'spool/package.json', `{ "optionalDependencies": { "left-pad": "1.3.0" } }`],
    ['verifier-stands-alone', 'verifier/src/planted.ts', `import { canonical } from '@outwitness/event';`],
    ['verifier-stands-alone', 'verifier/src/planted.ts', `import { sha256 } from '@noble/hashes/sha2.js';`],
    ['verifier-stands-alone', 'verifier/src/planted.ts', `import a from '../../ledger/src/index.ts';`],
    ['verifier-stands-alone', 'verifier/package.json', `{ "dependencies": { "left-pad": "1.3.0" } }`],
    ['ledger-does-not-judge', 'ledger/src/planted.ts', `import { judge } from '@outwitness/report';`],
    ['ledger-opens-no-socket', 'ledger/src/planted.ts', `import { connect } from 'node:net';`],
    ['ledger-opens-no-socket', 'ledger/src/planted.ts', `process.getBuiltinModule('https');`],
    ['ledger-opens-no-socket', 'ledger/src/planted.ts', `import { lookup } from 'node:dns/promises';`],
    ['report-does-no-io', 'report/src/planted.ts', `import { readFileSync } from 'node:fs';`],
    ['report-does-no-io', 'report/src/planted.ts', `import a from 'left-pad';`],
    ['server-does-not-write', 'server/src/planted.ts', `import { collect } from '@outwitness/collector';`],
    ['dashboard-talks-http', 'dashboard/src/planted.tsx', `import { routes } from '@outwitness/server';`],
    ['dashboard-talks-http', 'dashboard/src/planted.tsx', `import type { Row } from '@outwitness/ledger';`],
    ['no-computed-import', 'report/src/planted.ts', `const a = await import('node' + ':fs');`],
    ['no-drawers', 'ledger/src/utils/bytes.ts', ''],
    ['no-drawers', 'ledger/src/helpers.ts', ''],
    ['no-file-beside-its-folder', 'ledger/src/index.ts', ''],
  ];

  for (const [rule, file, content] of plants) {
    test(`${rule}: ${file}: ${content}`, () => {
      const planted = new Map([...tree, [file, content] as const]);
      let culprit = file;
      if (rule === 'no-file-beside-its-folder') planted.set('ledger/src/index/inner.ts', '');
      if (rule === 'declare-what-you-import') {
        planted.delete(file);
        planted.set('spool/package.json', '{}');
        culprit = 'spool/src/planted.ts';
        planted.set(culprit, `import { limits } from '@outwitness/event';`);
      }
      const { violations } = inspect(planted);
      assert.ok(
        violations.some((violation) => violation.file === culprit && violation.rule === rule),
        `got ${JSON.stringify(violations)}`,
      );
    });
  }

  test('every rule has its plant', () => {
    const rules: Record<Rule, true> = {
      'known-package': true,
      'arrows-point-left': true,
      'stay-in-your-package': true,
      'declare-what-you-import': true,
      'event-imports-nothing': true,
      'interceptor-imports-node-and-event': true,
      'audited-process-has-no-third-party': true,
      'verifier-stands-alone': true,
      'ledger-does-not-judge': true,
      'ledger-opens-no-socket': true,
      'report-does-no-io': true,
      'server-does-not-write': true,
      'dashboard-talks-http': true,
      'no-computed-import': true,
      'no-drawers': true,
      'no-file-beside-its-folder': true,
    };
    assert.deepEqual(new Set(plants.map(([rule]) => rule)), new Set(Object.keys(rules)));
  });
});

describe('what the rules allow', () => {
  const allowed: readonly (readonly [string, string])[] = [
    ['interceptor/src/planted.ts', `import net from 'node:net'; import { kinds } from '@outwitness/event';`],
    ['agent/src/planted.ts', `import { open } from '@outwitness/spool'; import.meta.resolve('outwitness');`],
    ['cli/src/planted.ts', `import.meta.resolve('@outwitness/verifier'); import '@outwitness/agent';`],
    ['verifier/src/planted.ts', `import { hash } from 'node:crypto'; import './other.ts';`],
  ];
  for (const [file, content] of allowed) {
    test(`${file}: ${content}`, () => {
      const { violations } = inspect(new Map([...tree, [file, content] as const]));
      assert.deepEqual(
        violations.filter((violation) => violation.file === file),
        [],
      );
    });
  }
});

describe('the import scanner', () => {
  const specifiers = (source: string): (string | undefined)[] => importsOf(source).map(({ specifier }) => specifier);

  test('reads every way to name a module', () => {
    assert.deepEqual(
      specifiers(`#!/usr/bin/env node
        import a from 'a'; import 'b'; import * as c from "c"; import type { D } from 'd';
        import { e,
          type E } from 'e' with { type: 'json' };
        export { f } from 'f'; export * from 'g'; export type { H } from 'h';
        const i = await import('i'); const j = require('j'); const k = import.meta.resolve('k');
        type L = import('l').L; const m = require.resolve(\`m\`); process.getBuiltinModule('n');
        const text = \`\${await import('o')} and \${{ a: require('p') }}\`;`),
      'abcdefghijklmnop'.split(''),
    );
  });

  test('knows types, look-ups and computed names', () => {
    assert.deepEqual(
      importsOf(`import type { A } from 'a'; import type from 'b'; import.meta.resolve('c'); import(d);`),
      [
        { specifier: 'a', how: 'load', typeOnly: true },
        { specifier: 'b', how: 'load', typeOnly: false },
        { specifier: 'c', how: 'resolve', typeOnly: false },
        { specifier: undefined, how: 'load', typeOnly: false },
      ],
    );
  });

  test('is not misled by comments, strings, templates and regular expressions', () => {
    assert.deepEqual(
      specifiers(`// import 'a'
        /* import 'b' */ const s = "import 'c'"; const t = \`import 'd' \${1 / 2} require('e')\`;
        const r = /import 'f'["'\`]/; const q = a / b; list.from('g'); loader.require('h'); Array.from('i');
        const after = import('real');`),
      ['real'],
    );
  });

  test('finds an import behind any harmless text', () => {
    const pieces = fc.constantFrom(
      `const a = 'it\\'s';`,
      '// a comment with a "quote',
      "/* it's */",
      'const b = `x ${c ? `y ${"}"}` : "`"} z`;',
      'const d = /[/"\'`]+/gu.test(e);',
      'if (f / g > 1) h = i / j;',
      'const k = { l: { m: 1 } };',
      'return /[^\\]/]\\//;',
    );
    fc.assert(
      fc.property(fc.array(pieces), fc.array(pieces), (before, after) => {
        const source = [...before, `import { n } from 'planted';`, ...after].join('\n');
        assert.deepEqual(specifiers(source), ['planted']);
      }),
    );
  });

  test('ends on any text', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...`'"\`/\\*\${}()[]#!a \n`.split('')) }),
        (text) => void importsOf(text),
      ),
    );
  });
});
