import { createRequire } from 'node:module';
import path from 'node:path';
import { onRequire, type Required, withOwnBuiltins } from '@outwitness/interceptor';

/** A CommonJS module of a host framework that is waited for. */
export interface ModuleSeen {
  /** How its file name ends. */
  file: string;
  /** As which it is required first, and the end of the name of the file that does so. */
  id: string;
  parent: string;
  /** Gets its exports, once. */
  seen(exports: unknown): void;
}

/**
 * Calls back when modules are required for the first time, before whoever requires them gets them; at once for those that are loaded already.
 * What a callback throws is its module's loss, never the application's.
 */
export function whenRequired(modules: readonly ModuleSeen[]): void {
  const waiting = new Set(modules);
  const { cache } = createRequire(import.meta.url);
  for (const [name, module] of Object.entries(cache)) {
    const file = name.replaceAll(path.sep, '/');
    for (const awaited of waiting)
      if (file.endsWith(awaited.file) && module?.loaded === true) take(awaited, module.exports);
  }
  if (waiting.size === 0) return;
  const takeBack = onRequire('after', withOwnBuiltins(told));

  function take(awaited: ModuleSeen, exports: unknown): void {
    waiting.delete(awaited);
    try {
      awaited.seen(exports);
    } catch {
      return;
    }
  }

  function told({ id, parentFilename, result }: Required): void {
    for (const awaited of waiting) {
      if (id !== awaited.id || typeof parentFilename !== 'string') continue;
      if (parentFilename.replaceAll(path.sep, '/').endsWith(awaited.parent)) take(awaited, result);
    }
    if (waiting.size === 0) takeBack();
  }
}
