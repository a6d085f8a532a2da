import crypto from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const OWN_MODULES = fileURLToPath(new URL('../dist', import.meta.url));

/** Folders of built files of which hooks are made. */
export function hookFolders(): string[] {
  const require = createRequire(import.meta.url);
  return [path.dirname(fileURLToPath(import.meta.url)), path.dirname(require.resolve('@outwitness/interceptor'))].map(
    (folder) => `${folder.replaceAll('\\', '/')}/`,
  );
}

/** Folders of all built files that the agent loads: that of the one file it is made into, or those of its modules. */
export function loadedFolders(): string[] {
  const own = path.dirname(fileURLToPath(import.meta.url));
  return path.basename(own) === 'bundle' ? [own] : moduleFolders();
}

/** Folders of the modules, each built from one source file. */
function moduleFolders(): string[] {
  const require = createRequire(import.meta.url);
  const names = ['@outwitness/interceptor', '@outwitness/event', '@outwitness/spool'];
  return [OWN_MODULES, ...names.map((name) => path.dirname(require.resolve(name)))];
}

/** A built file of the agent. */
export interface OwnFile {
  /** Folder of the package's built files. */
  folder: string;
  /** Path in that folder, with `/`. */
  name: string;
  content: Buffer;
}

/** Every built file of the folders, in the order in which {@link digest} takes them. */
function filesOf(folders: readonly string[]): OwnFile[] {
  return folders.flatMap((folder) =>
    fs
      .readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .toSorted()
      .filter((name) => /\.c?js$/.test(name))
      .map((name) => ({
        folder,
        name: name.replaceAll('\\', '/'),
        content: fs.readFileSync(path.join(folder, name)),
      })),
  );
}

/** SHA-256 over names and contents of the built files, by which a changed agent is told from the published one. `undefined` if one cannot be read. */
export function digest(folders: readonly string[]): string | undefined {
  const hash = crypto.createHash('sha256');
  try {
    for (const { name, content } of filesOf(folders)) hash.update(`${name} ${content.length}\n`).update(content);
  } catch {
    return undefined;
  }
  return hash.digest('hex');
}

/**
 * The agent of this installation: what {@link digest} says of it in a `hello`, every file that went in, and the modules of which these are made.
 *
 * @throws what the file system says if a file cannot be read
 */
export function ownBuild(): { digest: string | undefined; files: OwnFile[] } {
  const folders = loadedFolders();
  return { digest: digest(folders), files: filesOf([...new Set([...folders, ...moduleFolders()])]) };
}
