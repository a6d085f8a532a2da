import fs from 'node:fs';
import path from 'node:path';
import type { Program } from '@outwitness/interceptor';

// Taken before the audited application can replace them.
const { closeSync, fstatSync, openSync, readSync, realpathSync, statSync } = fs;

const NODE = /^node(?:js)?(?:\.exe)?$/i;
/** Text that names Node or a tool that runs on it, as a word or at the end of a path. */
const NAMES_NODE =
  /(?:^|[\s;&|('"/\\])(?:node|nodejs|npm|npx|pnpm|pnpx|yarn|corepack)(?:\.exe|\.cmd)?(?=$|[\s;&|)'"])/i;
/** As much of a script as is looked at. */
const SCRIPT_BYTES = 4096;

/** Is the program Node, under whatever name, or does it say that it starts Node: among its arguments, or as a script? */
export function runsNode(program: Program): boolean {
  const { file, args } = program;
  if (NODE.test(path.basename(file)) || file === process.execPath) return true;
  const words = args.slice(1);
  if (program.runsAnother && words.some((word) => NAMES_NODE.test(word))) return true;
  const found = find(file, program);
  if (found !== undefined && (isNode(found) || isNodeScript(found))) return true;
  // `sh script.sh`, `env ./script.js`
  const script = program.runsAnother ? words.find((word) => !/^-|=/.test(word)) : undefined;
  return script !== undefined && isNodeScript(path.resolve(program.cwd ?? '', script));
}

/** The file that the system will start. */
function find(file: string, { cwd, environment }: Program): string | undefined {
  if (path.basename(file) !== file) return path.resolve(cwd ?? '', file);
  const variable = environment.find((pair) => pair.startsWith('PATH='))?.slice('PATH='.length);
  const folders = (variable ?? process.env['PATH'] ?? '').split(path.delimiter);
  return folders.map((folder) => path.join(folder, file)).find((name) => sizeOf(name) !== undefined);
}

/** A link to a Node, or a copy of this one. */
function isNode(file: string): boolean {
  try {
    return NODE.test(path.basename(realpathSync(file))) || sizeOf(file) === sizeOf(process.execPath);
  } catch {
    return false;
  }
}

function sizeOf(file: string): number | undefined {
  return factsOf(file)?.size;
}

/** Nothing of what cannot be looked at either: a folder of PATH that is another user's, a command line that is no name of a file. */
function factsOf(file: string): fs.Stats | undefined {
  try {
    return statSync(file, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** Never opens what would wait for somebody: a pipe, a device. */
function isNodeScript(file: string): boolean {
  if (factsOf(file)?.isFile() !== true) return false;
  let fd = -1;
  try {
    fd = openSync(file, 'r');
    const head = Buffer.alloc(Math.min(SCRIPT_BYTES, fstatSync(fd).size));
    readSync(fd, head);
    const text = head.toString('latin1');
    return text.startsWith('#!') && NAMES_NODE.test(text);
  } catch {
    return false;
  } finally {
    if (fd >= 0) closeSync(fd);
  }
}
