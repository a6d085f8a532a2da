/** A copy of this installation in which somebody changed one line. */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
const NOT_INSTALLED = new Set(['src', 'test', 'node_modules']);

/**
 * Copies what is built of every package; packages of others are linked.
 *
 * @returns the path of the copy's program
 */
export function copyInstallation(folder: string): string {
  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, '@outwitness'), { recursive: true });
  for (const name of readdirSync(join(ROOT, 'packages'))) {
    const from = join(ROOT, 'packages', name);
    if (!existsSync(join(from, 'package.json'))) continue;
    const to = join(folder, 'packages', name);
    for (const entry of readdirSync(from)) {
      if (NOT_INSTALLED.has(entry)) continue;
      // A .tsbuildinfo is not published: without one the agent takes the file that it is made into.
      const filter = (path: string): boolean => !path.endsWith('.tsbuildinfo');
      cpSync(join(from, entry), join(to, entry), { recursive: true, filter });
    }
    symlinkSync(to, name === 'cli' ? join(modules, 'outwitness') : join(modules, '@outwitness', name));
  }
  for (const name of readdirSync(join(ROOT, 'node_modules'))) {
    if (name === '@outwitness' || name === 'outwitness' || name.startsWith('.')) continue;
    symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
  }
  return join(folder, 'packages/cli/bin/outwitness.js');
}

/** Makes the server of a copied installation send one request to `url` when it starts. */
export function patchServer(folder: string, url: string): void {
  const path = join(folder, 'packages/server/dist/server.js');
  const text = readFileSync(path, 'utf8');
  const line = /^export async function createServer\(.*\{$/m.exec(text)?.[0];
  if (line === undefined) throw new Error(`${path} has no line that begins createServer: expected one to patch`);
  writeFileSync(path, text.replace(line, `${line} void fetch('${url}').catch(() => {});`));
}
