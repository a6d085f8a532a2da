import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';

const root = path.join(import.meta.dirname, '..');
const folder = mkdtempSync(path.join(os.tmpdir(), 'outwitness-nodes-'));
after(() => rmSync(folder, { recursive: true, force: true }));
/** Not run again there: this one, and the one that needs npm. */
const ONLY_HERE = ['other-nodes.test.ts', 'standalone.test.ts'];

/** Sources and tests as JavaScript, line by line the same. */
function strip(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    if (entry.isDirectory()) strip(path.join(from, entry.name), path.join(to, entry.name));
    else if (entry.name.endsWith('.ts') && !ONLY_HERE.includes(entry.name)) {
      const text = stripTypeScriptTypes(readFileSync(path.join(from, entry.name), 'utf8'));
      writeFileSync(
        path.join(to, entry.name.replace(/\.ts$/, '.js')),
        text.replaceAll(/(['"]\.{1,2}\/[^'"]+)\.ts(['"])/g, '$1.js$2'),
      );
    } else if (!entry.name.endsWith('.ts')) cpSync(path.join(from, entry.name), path.join(to, entry.name));
  }
}

function prepare(): void {
  if (existsSync(path.join(folder, 'package.json'))) return;
  strip(path.join(root, 'src'), path.join(folder, 'src'));
  strip(path.join(root, 'test'), path.join(folder, 'test'));
  writeFileSync(path.join(folder, 'package.json'), '{"type":"module"}');
}

async function run(node: string): Promise<{ code: number | null; output: string }> {
  prepare();
  const files = readdirSync(path.join(folder, 'test'))
    .filter((name) => name.endsWith('.test.js'))
    .map((name) => path.join('test', name));
  const env = { ...process.env };
  delete env['NODE_TEST_CONTEXT'];
  const child = spawn(node, ['--test', '--test-reporter=tap', ...files], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const code = await new Promise<number | null>((resolve) => {
    child.on('close', resolve);
  });
  return { code, output };
}

for (const major of [20, 22, 26]) {
  const named = process.env[`OUTWITNESS_NODE${major}`];
  const node = named ?? (major === 20 ? '/usr/bin/node' : undefined);
  const skip = node === undefined || !existsSync(node) ? `OUTWITNESS_NODE${major} names no node` : false;
  describe(`all of this on Node ${major}`, { skip }, () => {
    it('passes', { timeout: 180_000 }, async (test) => {
      const { execFileSync } = await import('node:child_process');
      const version = execFileSync(node ?? '', ['-p', 'process.versions.node'], { encoding: 'utf8' }).trim();
      if (!version.startsWith(`${major}.`)) {
        test.skip(`${node} is ${version}`);
        return;
      }
      const { code, output } = await run(node ?? '');
      const failed = output
        .split('\n')
        .filter((line) => /^\s*not ok/.test(line) || /expected:|actual:|error:/.test(line));
      assert.equal(code, 0, `${failed.join('\n')}\n${output.slice(-3000)}`);
    });
  });
}
