/**
 * `npm run claim [-- NAME [--nodes]]`: runs claims/NAME.ts, which measures and prints one promise, or lists what there
 * is. With `--nodes` applications are audited on Node 20, 22, 24 and 26, which are installed if need be.
 */
import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

import { runChild } from './child.mjs';
import { installFolder } from './install-folder.mjs';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const CLAIMS = join(ROOT, 'claims');

const claims = new Map(
  globSync('*.ts', { cwd: CLAIMS })
    .toSorted()
    .map((file) => [basename(file, '.ts'), file]),
);
const [name, ...rest] = process.argv.slice(2);
const args = rest.filter((word) => word !== '--nodes');
if (args.length < rest.length) {
  if (!(await installFolder(join(ROOT, 'test/nodes')))) process.exit(1);
  process.env['OUTWITNESS_NODES'] = '20,22,24,26';
}

if (name === undefined) {
  const width = Math.max(...[...claims.keys()].map((key) => key.length));
  for (const [key, file] of claims) process.stdout.write(`${key.padEnd(width)}  ${descriptionOf(file)}\n`);
} else {
  const file = claims.get(name);
  if (file === undefined) {
    process.stderr.write(
      `Unknown claim "${name}": expected one of ${[...claims.keys()].join(', ')}. ` +
        `Run "npm run claim" to see what each one shows.\n`,
    );
    process.exit(2);
  }
  const { code } = await runChild(process.execPath, [join(CLAIMS, file), ...args], { cwd: ROOT });
  process.exitCode = code;
}

/**
 * The first line of the file's doc comment.
 *
 * @param {string} file
 */
function descriptionOf(file) {
  const comment = /^\/\*\*\s*(?:\*\s*)?(.+)/.exec(readFileSync(join(CLAIMS, file), 'utf8'))?.[1];
  if (comment === undefined) throw new Error(`claims/${file} begins without a doc comment: say there what it shows`);
  return comment.replace(/\s*\*\/\s*$/, '');
}
