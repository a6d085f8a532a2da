/** Which Node.js programs there are to be audited: the pinned one, and those of test/nodes. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

export interface NodeBinary {
  /** As people say it: `Node 20.20.2`. */
  readonly name: string;
  /** `20.20.2` */
  readonly version: string;
  readonly path: string;
}

/** What test/nodes installs on demand: `npm run test:nodes`, or a claim with `--nodes`. */
const INSTALLED = join(import.meta.dirname, '../../test/nodes/node_modules');

/** On which Node applications are audited unless OUTWITNESS_NODES names others. */
const USUAL = '20,24';

/** The Node that runs this script: it also runs collector and cli. */
export function pinnedNode(): NodeBinary {
  return { name: `Node ${process.versions.node}`, version: process.versions.node, path: process.execPath };
}

/** The Node of that major version, or why there is none. */
export function nodeOf(major: string): NodeBinary | string {
  const own = join(INSTALLED, `node-${major}/bin/node`);
  // The machine's own Node: the first on PATH that no npm script put there.
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => !folder.includes('node_modules'));
  for (const path of [process.execPath, own, ...folders.map((folder) => join(folder, 'node'))]) {
    const version = versionOf(path);
    if (version?.startsWith(`${major}.`) === true) return { name: `Node ${version}`, version, path };
  }
  return `no Node ${major} here: "npm run test:nodes" installs it in test/nodes`;
}

function versionOf(path: string): string | undefined {
  if (path === process.execPath) return process.versions.node;
  if (!existsSync(path)) return undefined;
  const { status, stdout } = spawnSync(path, ['-p', 'process.versions.node'], { encoding: 'utf8', env: {} });
  return status === 0 ? stdout.trim() : undefined;
}

/**
 * Every Node that an application is audited on in this run, oldest first: those that OUTWITNESS_NODES names
 * (`20,22,24,26`), else Node 20 if there is one, and the pinned.
 *
 * @throws where OUTWITNESS_NODES names one that is not here
 */
export function auditedNodes(): NodeBinary[] {
  const named = process.env['OUTWITNESS_NODES'];
  const found = (named ?? USUAL).split(',').map((major) => nodeOf(major.trim()));
  const missing = found.filter((node) => typeof node === 'string');
  if (named !== undefined && missing.length > 0) throw new Error(missing.join('; '));
  return found.filter((node) => typeof node !== 'string');
}
