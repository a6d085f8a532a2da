import { classifySegment } from './segment.ts';

const MOST_SEGMENTS = 64;

/** A request target taken apart. No part of it may be kept as it is. */
export interface TargetParts {
  /** Without scheme, authority, query and fragment. */
  path: string;
  /** Without the question mark. */
  query: string;
}

/** Takes a request target apart: origin form, absolute form (proxies), authority form (CONNECT), asterisk form (RFC 9112 section 3.2). */
export function splitTarget(raw: string): TargetParts {
  const hash = raw.indexOf('#');
  const target = hash < 0 ? raw : raw.slice(0, hash);
  const mark = target.indexOf('?');
  const query = mark < 0 ? '' : target.slice(mark + 1);
  let path = mark < 0 ? target : target.slice(0, mark);
  if (!path.startsWith('/')) {
    const absolute = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/[^/]*/.exec(path);
    if (absolute !== null) path = path.slice(absolute[0].length) || '/';
  }
  return { path, query };
}

/** A path with each segment classified, or in strict mode only as many segments as it has. */
export function redactPath(path: string, strict: boolean): string {
  if (path === '*' || path === '/' || path === '') return path;
  const segments = path.split('/', MOST_SEGMENTS + 2);
  const rest = segments.length > MOST_SEGMENTS + 1 ? '/{s}' : '';
  const kept = segments
    .slice(0, MOST_SEGMENTS + 1)
    .map((segment) => (strict ? segment && '{s}' : classifySegment(segment)));
  return kept.join('/') + rest;
}
