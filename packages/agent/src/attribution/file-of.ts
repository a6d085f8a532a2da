import { isSea } from 'node:sea';

/** Files by the name that V8 gives them; bounded, since eval may name any number. */
const known = new Map<string, string | undefined>();
const MOST_KNOWN = 5000;

/**
 * The file that holds a frame's code: an absolute path, `node:…` for Node's own, or `undefined` for code without a file (native functions, WebAssembly, `vm` scripts with a made-up name).
 * Code from `eval` and `new Function` belongs to the file that evaluated it, whatever a `sourceURL` comment says.
 */
export function fileOf(site: NodeJS.CallSite): string | undefined {
  // Each question is a call into V8. Evaluated code has no file name, `sourceURL` or not.
  let name: string | null | undefined = site.getFileName();
  const evaluated = (name ?? '') === '' && site.isEval();
  if (evaluated) name = site.getEvalOrigin();
  else name ??= site.getScriptNameOrSourceURL();
  if (name === undefined || name === null || name === '') return undefined;
  const seen = known.get(name);
  if (seen !== undefined || known.has(name)) return seen;
  const file = toFile(evaluated ? innermost(name) : name);
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(name, file);
  return file;
}

/** `eval at a (eval at b (/path/file.js:1:2), <anonymous>:3:4)` → `/path/file.js`. */
function innermost(origin: string): string {
  const at = origin.lastIndexOf('eval at ');
  const open = origin.indexOf(' (', at);
  if (open < 0) return '';
  return /^(.*?):\d+:\d+\)/.exec(origin.slice(open + 2))?.[1] ?? '';
}

/** Line and column of the evaluating code in an eval origin, `undefined` for any other frame. */
export function evalPosition(origin: string): { line: number; column: number } | undefined {
  const match = /:(\d+):(\d+)\)/.exec(origin.slice(origin.lastIndexOf('eval at ')));
  return match === null ? undefined : { line: Number(match[1]), column: Number(match[2]) };
}

function toFile(name: string): string | undefined {
  if (name.startsWith('node:')) return name;
  if (name.startsWith('file://')) return fromUrl(name);
  if (name.startsWith('/') || /^[A-Za-z]:[\\/]/.test(name) || name.startsWith('\\\\'))
    return name.replaceAll('\\', '/');
  // Code given on the command line or typed in belongs to the application.
  if (name === '[eval]' || name === '[stdin]' || /^\[eval\d*\]|^REPL\d+$|^\[worker eval\]/.test(name)) return INLINE;
  // The script inside a single executable application has the name that it had when that was built, without a folder as a rule.
  return SINGLE && !name.includes(':') ? INLINE : undefined;
}

const SINGLE = isSea();

/** Stands for code that the user typed: `node -e`, standard input, the REPL, `new Worker(code, { eval: true })`; and for the script inside a single executable application. */
export const INLINE = '[eval]';

function fromUrl(url: string): string | undefined {
  try {
    const { pathname, host } = new URL(url);
    const file = decodeURIComponent(pathname);
    if (host !== '') return `//${host}${file}`;
    return /^\/[A-Za-z]:/.test(file) ? file.slice(1) : file;
  } catch {
    return undefined;
  }
}
