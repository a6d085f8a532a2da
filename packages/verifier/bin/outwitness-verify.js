#!/usr/bin/env node
// Plain JavaScript that also old versions of Node can parse, so that they can say what is wrong.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 13)) {
  process.stderr.write(`outwitness-verify needs Node.js 22.13 or newer, this is ${process.versions.node}.\n`);
  process.exit(69);
}
// node:sqlite is still marked as experimental; every other warning is shown as usual.
const emitWarning = process.emitWarning;
process.emitWarning = (warning, ...rest) => {
  if (!String(warning).includes('SQLite is an experimental feature')) emitWarning.call(process, warning, ...rest);
};
const { main } = await import('../dist/node/cli.js');
await main(process.argv.slice(2));
