/** Puts the plug-ins where npm would put them after `npm install @vendor/licence …`. */
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';

const SHOP = import.meta.dirname;

/** Copies, since a link would lead back out of `node_modules`; a file appears whole, so that two starts may meet. */
export function installPlugins() {
  for (const manifest of globSync('plugins/*/package.json', { cwd: SHOP })) {
    const source = join(SHOP, dirname(manifest));
    const { name } = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8'));
    const files = globSync('**/*.*', { cwd: source });
    const installed = join(SHOP, 'node_modules', name);
    for (const file of globSync('**/*.{js,json}', { cwd: installed })) {
      if (!files.includes(file)) rmSync(join(installed, file));
    }
    for (const file of files) {
      const target = join(installed, file);
      const content = readFileSync(join(source, file));
      if (existsSync(target) && readFileSync(target).equals(content)) continue;
      mkdirSync(dirname(target), { recursive: true });
      const fresh = `${target}.${process.pid}`;
      writeFileSync(fresh, content);
      renameSync(fresh, target);
    }
  }
}
