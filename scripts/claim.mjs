/** `npm run claim [-- NAME]`: runs claims/NAME.ts, which measures and prints one promise, or lists what there is. */
import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

import { runChild } from './child.mjs';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const CLAIMS = join(ROOT, 'claims');

const claims = new Map(
  globSync('*.ts', { cwd: CLAIMS })
    .toSorted()
    .map((file) => [basename(file, '.ts'), file]),
);
const [name, ...args] = process.argv.slice(2);

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
