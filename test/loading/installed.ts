/** An application with the frameworks and Outwitness in its node_modules, as npm would have put them. */
import { cpSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
/** What the audited process loads. */
const OURS = ['agent', 'interceptor', 'event', 'spool'];
/** Where the frameworks are installed on demand. */
export const FRAMEWORKS: string = join(import.meta.dirname, 'frameworks');

/** @returns the folder of the application */
export function layFrameworks(folder: string, fixture: string): string {
  const app = join(folder, 'app');
  cpSync(fixture, app, { recursive: true });
  const modules = join(app, 'node_modules');
  mkdirSync(join(modules, '@outwitness'), { recursive: true });
  for (const name of readdirSync(join(FRAMEWORKS, 'node_modules'))) {
    if (!name.startsWith('.')) symlinkSync(join(FRAMEWORKS, 'node_modules', name), join(modules, name));
  }
  cpSync(join(ROOT, 'packages/cli'), join(modules, 'outwitness'), { recursive: true });
  for (const name of OURS)
    cpSync(join(ROOT, 'packages', name), join(modules, '@outwitness', name), { recursive: true });
  return app;
}
