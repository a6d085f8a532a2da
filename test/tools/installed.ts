/** The tools, and an application with them in its node_modules, as npm would have put them. */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readdirSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

import { installFolder } from '../../scripts/install-folder.mjs';

const HERE = import.meta.dirname;

/** @returns the folder of the application */
export async function layShop(folder: string): Promise<string> {
  assert.ok(await installFolder(HERE), 'the tools could not be installed');
  const app = join(folder, 'shop');
  cpSync(join(HERE, 'fixtures/shop'), app, { recursive: true });
  const modules = join(app, 'node_modules');
  renameSync(join(app, 'packages'), modules);
  for (const name of readdirSync(join(HERE, 'node_modules')))
    if (name !== '.package-lock.json') symlinkSync(join(HERE, 'node_modules', name), join(modules, name));
  mkdirSync(join(app, 'built'));
  return app;
}
