/** Small applications whose packages lie in node_modules as npm would have put them. */
import { cpSync, existsSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';

const FIXTURES = join(import.meta.dirname, '../fixtures');

/**
 * Copies claims/fixtures/NAME into `folder` and its `packages/` to `node_modules/`.
 *
 * @returns the folder of the copy
 */
export function installFixture(name: string, folder: string): string {
  const installed = join(folder, name);
  cpSync(join(FIXTURES, name), installed, { recursive: true });
  const packages = join(installed, 'packages');
  if (existsSync(packages)) renameSync(packages, join(installed, 'node_modules'));
  return installed;
}

/**
 * Where a fixture makes its call: the line that ends with the comment `// the call`.
 *
 * @returns `<path inside the package>:<line>`
 */
export function callSite(installed: string, packageName: string, file = 'index.js'): string {
  const lines = readFileSync(join(installed, 'node_modules', packageName, file), 'utf8').split('\n');
  const line = lines.findIndex((text) => text.endsWith('// the call'));
  if (line === -1) throw new Error(`${packageName}/${file} has no line that ends with "// the call"`);
  return `${file}:${line + 1}`;
}
