/** Which Node.js programs there are to be audited. */
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

/** The Node that runs this script: it also runs collector and cli. */
export function pinnedNode(): NodeBinary {
  return { name: `Node ${process.versions.node}`, version: process.versions.node, path: process.execPath };
}

/** The machine's own Node: the first on PATH that no npm script put there. */
function machineNode(): NodeBinary | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => !folder.includes('node_modules'));
  const path = folders.map((folder) => join(folder, 'node')).find((candidate) => existsSync(candidate));
  if (path === undefined) return undefined;
  const version = spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout.trim().replace(/^v/, '');
  return { name: `Node ${version}`, version, path };
}

/** Every Node that an application is audited on here, oldest first. */
export function auditedNodes(): NodeBinary[] {
  const machine = machineNode();
  const pinned = pinnedNode();
  return machine === undefined || machine.version === pinned.version ? [pinned] : [machine, pinned];
}
