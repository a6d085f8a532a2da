#!/usr/bin/env node
// Committed as it is: npm links no program that is built later, and an old Node must be able to read it.
import { readFileSync } from 'node:fs';

const NEEDED = '22.13.0';
const found = process.versions.node;

function older(version, than) {
  const left = version.split('.').map(Number);
  const right = than.split('.').map(Number);
  for (let i = 0; i < 3; i++) if (left[i] !== right[i]) return left[i] < right[i];
  return false;
}

if (older(found, NEEDED)) {
  process.stderr.write(
    'outwitness: needs Node.js >= ' +
      NEEDED +
      ', found ' +
      found +
      '. Start it with a newer node; audited programs may stay on ^20.19 or >= 22.12.\n',
  );
  process.exitCode = 2;
} else {
  const emit = process.emitWarning;
  process.emitWarning = (warning, ...rest) => {
    if (!String(warning).includes('SQLite is an experimental feature')) emit.call(process, warning, ...rest);
  };
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  const { main } = await import('../dist/main.js');
  process.exitCode = await main(process.argv.slice(2), version);
}
