import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';

/** A directory that is removed after the test, with the modules loaded from it; its real path, since links are resolved by Node. */
export function temporary(t: TestContext): string {
  const directory = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'outwitness-agent-')));
  t.after(() => {
    fs.rmSync(directory, { recursive: true, force: true });
    const { cache } = createRequire(import.meta.url);
    for (const file of Object.keys(cache)) if (file.startsWith(directory)) Reflect.deleteProperty(cache, file);
  });
  return directory;
}

/** Writes files, given by path relative to the directory. A value that is no string is written as JSON. */
export function layout(directory: string, files: { readonly [path: string]: unknown }): void {
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(directory, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  }
}

/** Loads a CommonJS file of a layout. */
export function load(directory: string, file: string): unknown {
  return createRequire(path.join(directory, 'any.js'))(path.join(directory, file));
}
