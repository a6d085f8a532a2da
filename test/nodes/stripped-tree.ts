/** The agent-side packages and their tests as plain JavaScript, for a Node that reads no TypeScript. */
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

/** What runs inside an audited process, and so on every Node that is supported. */
export const AGENT_SIDE: readonly string[] = ['event', 'interceptor', 'spool', 'agent'];

/** They pack with npm or read TypeScript files, which is the same on every Node. */
const ONLY_ON_THE_PINNED = new Set(['standalone.test.ts']);

/** Lays out `folder` as this repository is, with those packages alone; what is read only is linked. */
export function writeStrippedTree(folder: string): void {
  for (const name of AGENT_SIDE) {
    const from = join(ROOT, 'packages', name);
    const to = join(folder, 'packages', name);
    strip(join(from, 'src'), join(to, 'src'));
    strip(join(from, 'test'), join(to, 'test'));
    cpSync(join(from, 'dist'), join(to, 'dist'), { recursive: true });
    for (const entry of readdirSync(from, { withFileTypes: true }))
      if (entry.isFile()) cpSync(join(from, entry.name), join(to, entry.name));
  }
  for (const name of ['register.cjs', 'register.js', 'package.json'])
    cpSync(join(ROOT, 'packages/cli', name), join(folder, 'packages/cli', name));
  for (const name of ['docs', 'testdata', 'package.json', 'scripts', 'test/undici', 'test/mail', 'test/streams'])
    link(join(ROOT, name), join(folder, name));
  for (const name of readdirSync(join(ROOT, 'node_modules')).filter((entry) => !entry.startsWith('.')))
    if (name !== '@outwitness' && name !== 'outwitness')
      link(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name));
  for (const name of AGENT_SIDE) link(join(folder, 'packages', name), join(folder, 'node_modules/@outwitness', name));
}

function link(target: string, path: string): void {
  mkdirSync(join(path, '..'), { recursive: true });
  symlinkSync(target, path);
}

/** Line by line the same, so that a stack names the line of the source. */
function strip(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const source = join(from, entry.name);
    if (entry.isDirectory()) strip(source, join(to, entry.name));
    else if (!entry.name.endsWith('.ts')) cpSync(source, join(to, entry.name));
    else if (!ONLY_ON_THE_PINNED.has(entry.name)) {
      const text = stripTypeScriptTypes(readFileSync(source, 'utf8'));
      writeFileSync(
        join(to, entry.name.replace(/\.ts$/, '.js')),
        text.replaceAll(/(['"]\.{1,2}\/[^'"]+)\.ts(['"])/g, '$1.js$2'),
      );
    }
  }
}
