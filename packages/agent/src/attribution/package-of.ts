import fs from 'node:fs';
import { INLINE } from './file-of.ts';
import { authorOf, dependenciesOf, manifestOf, type PackageJson } from './package-json.ts';

// Taken before the audited application can replace them.
const { readFileSync } = fs;

/** A package on disk. */
export interface Package {
  /** Name, or `(app)` for a script outside any package. */
  name: string;
  version: string | undefined;
  author: string | undefined;
  /** JSON text of its egress manifest. */
  manifest: string | undefined;
  /** Names of the packages that it is made from. */
  dependencies: readonly string[];
  /** Folder with a trailing slash; empty for `(app)`, whose sites are file names only. */
  root: string;
}

/** A script outside any package. */
const APP: Package = {
  name: '(app)',
  version: undefined,
  author: undefined,
  manifest: undefined,
  dependencies: [],
  root: '',
};

const MODULES = '/node_modules/';
const MOST_FOLDERS = 10_000;
const MOST_FILES = 5_000;

/**
 * Maps files to packages, each folder and package.json read once.
 *
 * Under `node_modules` the package is the folder after the last `node_modules/`, and it is called as that folder is: that is the name the application's author wrote down, where a `name` in package.json is its author's claim. Elsewhere (the application, a workspace, a linked package) it is the nearest package.json upwards that has a name: one without, or one below it that only says `"type"`, is none.
 */
export class Packages {
  /** A walk asks for the same few files again and again: their names are hashed already, those of their folders would be made and hashed anew. */
  readonly #byFile = new Map<string, Package>();
  readonly #byFolder = new Map<string, Package>();
  readonly #byRoot = new Map<string, Package | undefined>();

  of(file: string): Package {
    const seen = this.#byFile.get(file);
    if (seen !== undefined) return seen;
    const found = file === INLINE ? APP : this.#ofFolder(file.slice(0, file.lastIndexOf('/') + 1));
    if (this.#byFile.size >= MOST_FILES) this.#byFile.clear();
    this.#byFile.set(file, found);
    return found;
  }

  #ofFolder(folder: string): Package {
    const known = this.#byFolder.get(folder);
    if (known !== undefined) return known;
    const found = this.#installed(folder) ?? this.#named(folder);
    if (this.#byFolder.size >= MOST_FOLDERS) this.#byFolder.clear();
    this.#byFolder.set(folder, found);
    return found;
  }

  #installed(folder: string): Package | undefined {
    const at = folder.lastIndexOf(MODULES);
    if (at < 0) return undefined;
    const start = at + MODULES.length;
    const [first = '', second = ''] = folder.slice(start).split('/');
    // `.cache`, `.vite` and the like hold files made by the application's tools, not packages.
    if (first === '' || first.startsWith('.')) return undefined;
    const name = first.startsWith('@') ? `${first}/${second}` : first;
    const root = `${folder.slice(0, start)}${name}/`;
    if (!this.#byRoot.has(root)) this.#byRoot.set(root, describe(name, root, readJson(root) ?? {}));
    return this.#byRoot.get(root);
  }

  #named(folder: string): Package {
    for (let root = folder; root !== ''; root = parentOf(root)) {
      if (!this.#byRoot.has(root)) {
        const json = readJson(root);
        this.#byRoot.set(
          root,
          typeof json?.name === 'string' && json.name !== '' ? describe(json.name, root, json) : undefined,
        );
      }
      const found = this.#byRoot.get(root);
      if (found !== undefined) return found;
    }
    return APP;
  }
}

/** The folder above, empty above the topmost. Both end with a slash. */
function parentOf(folder: string): string {
  return folder.length < 2 ? '' : folder.slice(0, folder.lastIndexOf('/', folder.length - 2) + 1);
}

function describe(name: string, root: string, json: PackageJson): Package {
  return {
    name,
    version: typeof json.version === 'string' ? json.version : undefined,
    author: authorOf(json),
    manifest: manifestOf(json, () => readText(`${root}egress.json`)),
    dependencies: dependenciesOf(json),
    root,
  };
}

function readJson(root: string): PackageJson | undefined {
  const text = readText(`${root}package.json`);
  if (text === undefined) return undefined;
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === 'object' && json !== null ? json : undefined;
  } catch {
    return undefined;
  }
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
