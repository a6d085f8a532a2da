import fs from 'node:fs';
import path from 'node:path';

const { chmodSync, mkdirSync } = fs;

/** Folders of docs/formats that the agent uses. */
export interface DataDirectory {
  path: string;
  spool: string;
  settings: string;
}

/**
 * Resolves `OUTWITNESS_DATA` (default `./.outwitness`) once and writes the absolute path back, so that a later `chdir` and child processes find the same place. `OUTWITNESS_SPOOL` moves the spool elsewhere.
 */
export function dataDirectory(env: NodeJS.ProcessEnv): DataDirectory {
  const data = folderOf(env);
  if (env['OUTWITNESS_DATA'] !== data) env['OUTWITNESS_DATA'] = data;
  return { path: data, spool: spoolFolderOf(env), settings: path.join(data, 'agent.json') };
}

/** Where an agent with these variables writes its records. */
export function spoolFolderOf(env: NodeJS.ProcessEnv): string {
  const spool = env['OUTWITNESS_SPOOL'];
  return spool !== undefined && path.isAbsolute(spool) ? spool : path.join(folderOf(env), 'spool');
}

function folderOf({ OUTWITNESS_DATA: named }: NodeJS.ProcessEnv): string {
  return path.resolve(named === undefined || named === '' ? '.outwitness' : named);
}

/**
 * Makes the two folders if they are missing: without a collector there is nobody else to do it.
 * Not recursive: Node's recursive mkdir never returns for a path below /proc. Any failure is left to the writer, which counts what it cannot write and tries again.
 */
export function makeDirectories(data: DataDirectory): void {
  if (make(data.path)) chmod(data.path, 0o711);
  if (make(data.spool)) chmod(data.spool, 0o3730);
}

function make(folder: string): boolean {
  try {
    mkdirSync(folder);
    return true;
  } catch {
    return false;
  }
}

/** Not left to mkdir: the umask would take bits away. */
function chmod(folder: string, mode: number): void {
  try {
    chmodSync(folder, mode);
  } catch {
    return;
  }
}
