import { fileURLToPath } from 'node:url';

/** Path for `--require`: loads the agent or leaves a note, never fails. */
export const REQUIRE_ENTRY: string = fileURLToPath(new URL('../register.cjs', import.meta.url));

/** URL for `--import`, the same in ESM. */
export const IMPORT_ENTRY: string = new URL('../register.js', import.meta.url).href;

/**
 * NODE_OPTIONS with our entry in front, so that it runs before any other preload. Given back as it is if the entry is in it already.
 *
 * @param existing value of NODE_OPTIONS
 * @param entry path of a CommonJS entry; quotes and backslashes are escaped as Node reads them
 */
export function withEntry(existing: string | undefined, entry: string = REQUIRE_ENTRY): string {
  const option = `--require "${entry.replace(/["\\]/g, '\\$&')}"`;
  if (existing === undefined || existing.trim() === '') return option;
  return existing.includes(option) ? existing : `${option} ${existing}`;
}
