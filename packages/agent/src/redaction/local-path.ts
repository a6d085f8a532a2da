import { networkProgram } from '@outwitness/event';
import { isIdShaped } from './names.ts';
import { placeholder } from './segment.ts';

/** The segment after one of these names a person. */
const PEOPLE = /^(home|users?|profiles?|mail|accounts?|customers?|documents and settings)$/i;
const FILE = /^[\w.+@~-]{1,64}$/;

/**
 * The path of a unix socket, or the name of a program or file: kept, except for what names a person or looks like an id.
 * An abstract socket (first byte 0) is written with `@` in its place.
 */
export function redactLocalPath(path: string, strict: boolean): string {
  // Of words of a list, strict mode may know which.
  if (path.split('+').every((name) => networkProgram(name) !== undefined)) return path;
  if (path.startsWith('\0') && !strict) return `@${redactLocalPath(path.slice(1), strict)}`;
  const segments = path.replaceAll('\\', '/').split('/');
  return segments
    .map((segment, index) => {
      if (segment === '' || segment === '.' || segment === '..') return segment;
      if (strict) return '{s}';
      if (PEOPLE.test(segments[index - 1] ?? '') && !PEOPLE.test(segment)) return /^\d+$/.test(segment) ? '{n}' : '{s}';
      if (!FILE.test(segment) && !/^[A-Za-z]:$/.test(segment)) return placeholder(segment);
      return isIdShaped(segment) ? placeholder(segment) : segment;
    })
    .join('/');
}
