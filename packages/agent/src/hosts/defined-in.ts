import { createRequire } from 'node:module';
import path from 'node:path';

/**
 * The CommonJS file that defines a class: the loaded module that exports it and has it from no other. A module that hands on what it requires has the definer among its children; where that leaves more than one, or none, nothing is said.
 *
 * Looks at values only: a getter of an `exports` is the application's to run.
 */
export function definedIn(Class: Function): string | undefined {
  const { cache } = createRequire(import.meta.url);
  const loaded = Object.values(cache).filter((module) => module !== undefined);
  const exporting = new Set(loaded.filter((module) => exports(module, Class)));
  const definers = [...exporting].filter((module) => !reaches(module, exporting));
  return definers.length === 1 ? definers[0]?.filename.replaceAll(path.sep, '/') : undefined;
}

function exports(module: NodeJS.Module, Class: Function): boolean {
  const all: unknown = module.exports;
  if (all === Class) return true;
  if ((typeof all !== 'object' && typeof all !== 'function') || all === null) return false;
  return Object.values(Object.getOwnPropertyDescriptors(all)).some(({ value }) => value === Class);
}

/** Does a module that it requires, directly or not, export the class as well? */
function reaches(module: NodeJS.Module, exporting: ReadonlySet<NodeJS.Module>): boolean {
  const seen = new Set<NodeJS.Module>([module]);
  for (const one of seen) {
    for (const child of one.children) {
      if (exporting.has(child) && child !== module) return true;
      seen.add(child);
    }
  }
  return false;
}
