/** `npm start [-- CMD …]`: audits CMD, or the sample application when there is none. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

import { runChild } from './child.mjs';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const OUTWITNESS = join(ROOT, 'packages/cli/bin/outwitness.js');
const SAMPLE = join(ROOT, 'examples/shop/start.mjs');

const command = process.argv.slice(2);
const needed = command.length === 0 ? [OUTWITNESS, SAMPLE] : [OUTWITNESS];
for (const path of needed) {
  if (existsSync(path)) continue;
  process.stderr.write(`${path} is missing: expected a whole checkout. Restore it with "git checkout -- .".\n`);
  process.exit(2);
}

const { code } =
  command.length === 0
    ? await runChild(process.execPath, [SAMPLE], { cwd: ROOT })
    : // The command and ./.outwitness belong to the folder in which npm was called.
      await runChild(process.execPath, [OUTWITNESS, 'run', '--', ...command], {
        cwd: process.env['INIT_CWD'] ?? process.cwd(),
      });
process.exitCode = code;
