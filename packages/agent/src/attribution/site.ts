import { evalPosition } from './file-of.ts';
import type { Package } from './package-of.ts';

/** A function's name is program text, but a computed one may be made of data: only what looks like code is kept. */
const FUNCTION_NAME = /^[\w$#.<> [\]]{1,64}$/;

/** `<path inside the package>:line:col function`, never an absolute path. */
export function siteText(site: NodeJS.CallSite, file: string, owner: Package): string {
  const path = owner.root === '' ? file.slice(file.lastIndexOf('/') + 1) : file.slice(owner.root.length);
  const inEval = site.isEval() ? evalPosition(site.getEvalOrigin() ?? '') : undefined;
  const line = inEval?.line ?? site.getLineNumber() ?? 0;
  const column = inEval?.column ?? site.getColumnNumber() ?? 0;
  const name = site.getFunctionName();
  const position = `${path}:${line}:${column}`;
  return name === null || !FUNCTION_NAME.test(name) ? position : `${position} ${name}`;
}
