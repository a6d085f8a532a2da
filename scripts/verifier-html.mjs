/**
 * Makes packages/verifier/html/outwitness-verifier.html, the verifier for browsers in one file, and its SHA-256 beside it.
 * Reads what `tsc -b` made; nothing is minified, so that what runs can be compared with the sources. The same modules give
 * the same bytes.
 *
 *   node scripts/verifier-html.mjs [folder with packages/ and node_modules/]
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';

import { rolldown } from 'rolldown';

const root = process.argv[2] ?? dirname(import.meta.dirname);
const folder = join(root, 'packages/verifier');
/** @param {string} path */
const read = (path) => readFileSync(join(folder, path), 'utf8');
const bundle = await rolldown({
  cwd: root,
  input: join(folder, 'dist/page/page.js'),
  platform: 'browser',
  treeshake: false,
});
const { output } = await bundle.generate({ format: 'iife', sourcemap: false, minify: false, codeSplitting: false });
const [file, ...more] = output;
if (more.length > 0 || file.imports.length > 0)
  throw new Error(`expected one file without imports, got ${output.length} with imports of ${file.imports.join(', ')}`);
const script = `\n${file.code.replaceAll('</script', '<\\/script')}\n`;
const style = `\n${read('src/page/page.css')}`;
/** @param {string} text */
const source = (text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
const csp = [
  "default-src 'none'",
  `script-src ${source(script)}`,
  `style-src ${source(style)}`,
  "base-uri 'none'",
  "form-action 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');
/** @type {Record<string, string>} */
const parts = {
  '(csp)': csp,
  '<!-- style -->': `<style>${style}</style>`,
  '<!-- script -->': `<script>${script}</script>`,
  '<!-- version -->': JSON.parse(read('package.json')).version,
};
const template = read('src/page/page.html');
for (const place of Object.keys(parts))
  if (template.split(place).length !== 2) throw new Error(`expected page.html to hold ${place} once`);
const html = template.replaceAll(/\(csp\)|<!-- [a-z]+ -->/g, (place) => parts[place] ?? '');
const digest = createHash('sha256').update(html).digest('hex');
const place = join(folder, 'html');
mkdirSync(place, { recursive: true });
for (const [name, content] of [
  ['outwitness-verifier.html', html],
  ['outwitness-verifier.html.sha256', `${digest}  outwitness-verifier.html\n`],
]) {
  writeFileSync(join(place, `${name}.${process.pid}`), String(content));
  renameSync(join(place, `${name}.${process.pid}`), join(place, String(name)));
}
process.stdout.write(`${digest}  outwitness-verifier.html\n`);
