import type { Noting } from './callers.ts';

/** A file of a transport in which its callers can be noted. */
export interface AdaptedFile {
  /** Path inside the package. */
  file: string;
  /** Gets the file's exports, once for each copy. */
  adapt?(exports: Readonly<Record<string, unknown>>, noting: Noting): void;
  /** For a CommonJS file that only its own package requires and that exports a function: what is exported in its stead. */
  replace?(exports: Function, noting: Noting): Function;
  /** Is the file an ES module? */
  esm?: boolean;
}

/** One transport that makes its call when its caller is off the stack. */
export interface Adapter {
  /** As the package is called under `node_modules`. */
  name: string;
  /** Other packages by which it makes the call. */
  carriers?: readonly string[];
  files: readonly AdaptedFile[];
}

/** A member of what may be anything. */
export function member(of: unknown, ...path: readonly string[]): unknown {
  let value = of;
  for (const key of path) {
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return undefined;
    value = Reflect.get(value, key);
  }
  return value;
}
