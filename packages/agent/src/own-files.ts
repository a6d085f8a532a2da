import crypto from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Folders of built files of which hooks are made. */
export function hookFolders(): string[] {
  const require = createRequire(import.meta.url);
  return [path.dirname(fileURLToPath(import.meta.url)), path.dirname(require.resolve('@outwitness/interceptor'))].map(
    (folder) => `${folder.replaceAll('\\', '/')}/`,
  );
}

/** Folders of all built files that the agent loads. */
export function loadedFolders(): string[] {
  const require = createRequire(import.meta.url);
  return [
    ...hookFolders(),
    ...['@outwitness/event', '@outwitness/spool'].map((name) => path.dirname(require.resolve(name))),
  ];
}

/** SHA-256 over names and contents of the built files, by which a changed agent is told from the published one. `undefined` if one cannot be read. */
export function digest(folders: readonly string[]): string | undefined {
  const hash = crypto.createHash('sha256');
  try {
    for (const folder of folders) {
      for (const name of fs.readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted()) {
        if (!name.endsWith('.js')) continue;
        const content = fs.readFileSync(path.join(folder, name));
        hash.update(`${name.replaceAll('\\', '/')} ${content.length}\n`).update(content);
      }
    }
  } catch {
    return undefined;
  }
  return hash.digest('hex');
}
