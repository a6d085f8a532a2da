/** The files of a data directory as bytes. */
import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Path inside the directory → SHA-256 of the file, or its type if it is none. */
export function digestOfEvidence(data: string): Map<string, string> {
  const digests = new Map<string, string>();
  const visit = (folder: string): void => {
    for (const name of readdirSync(folder).toSorted()) {
      const path = join(folder, name);
      const stat = lstatSync(path);
      if (stat.isDirectory()) visit(path);
      else digests.set(relative(data, path), stat.isFile() ? sha256(readFileSync(path)) : `mode ${stat.mode}`);
    }
  };
  visit(data);
  return digests;
}

/** Paths that came, went or changed. */
export function changedFiles(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] {
  return [...new Set([...before.keys(), ...after.keys()])].filter((path) => before.get(path) !== after.get(path));
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
