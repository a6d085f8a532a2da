/**
 * Makes one file of the agent's built modules, packages/agent/bundle/agent.cjs: docs/decisions/0005-one-file-at-start.md says why.
 * Reads what `tsc -b` made and changes no statement but imports and exports. The same modules give the same bytes.
 *
 *   node scripts/agent-bundle.mjs [folder with packages/ and node_modules/]
 */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';

import { rolldown } from 'rolldown';

const root = process.argv[2] ?? dirname(import.meta.dirname);
const bundle = await rolldown({
  cwd: root,
  input: join(root, 'packages/agent/dist/index.js'),
  platform: 'node',
  external: /^node:/,
  treeshake: false,
});
const { output } = await bundle.generate({
  format: 'cjs',
  sourcemap: false,
  minify: false,
  codeSplitting: false,
  strict: true,
});
const [file, ...more] = output;
if (more.length > 0 || file.imports.some((name) => !name.startsWith('node:')))
  throw new Error(
    `expected one file that imports node: only, got ${output.length} with imports of ${file.imports.join(', ')}`,
  );
// Modules are strict: `this` of a function that the application calls must stay what it is.
if (!/^(['"])use strict\1;/.test(file.code)) throw new Error('expected a file that begins with "use strict"');
const path = join(root, 'packages/agent/bundle/agent.cjs');
mkdirSync(dirname(path), { recursive: true });
// Written each time: by its time load.cjs sees that no module was built later. Renamed, since a process may be loading it.
writeFileSync(`${path}.${process.pid}`, file.code);
renameSync(`${path}.${process.pid}`, path);
