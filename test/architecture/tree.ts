/** Reads what the architecture rules judge. */
import { globSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';

/** Path below `packages/`, with slashes, to content. */
export type Tree = ReadonlyMap<string, string>;

/** The sources, programs and manifests of all packages, without what a build or an install made. */
export function readTree(root: string): Tree {
  const folder = join(root, 'packages');
  const patterns = ['*/package.json', '*/*.{cjs,js}', '*/bin/**/*', '*/{src,test}/**/*'];
  const files = globSync(patterns, {
    cwd: folder,
    withFileTypes: true,
    exclude: (entry) => entry.name === 'node_modules',
  })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  return new Map(
    files.toSorted().map((file) => [file.slice(folder.length + 1).replaceAll(sep, '/'), readFileSync(file, 'utf8')]),
  );
}
