/** The built dashboard, read once: a request names an entry of a table, never a path of the file system. */
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';

import { OutwitnessError } from '@outwitness/event';
import type { FastifyReply, FastifyRequest } from 'fastify';

import { ApiError, type ServerErrorCode } from './errors.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

interface StaticFile {
  readonly bytes: Buffer;
  readonly type: string;
  readonly cache: string;
}

/**
 * @param folder what the dashboard's build made
 * @throws OutwitnessError `dashboard-missing`
 */
export function readDashboard(folder: string): (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply> {
  const files = new Map<string, StaticFile>();
  try {
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      const type = TYPES[extname(entry.name)];
      if (!entry.isFile() || type === undefined) continue;
      const path = join(entry.parentPath, entry.name);
      const url = `/${relative(folder, path).split(sep).join('/')}`;
      // Names under assets/ hold a digest of the content.
      const cache = url.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache';
      files.set(url, { bytes: readFileSync(path), type, cache });
    }
  } catch (error) {
    throw missing(folder, error);
  }
  const page = files.get('/index.html');
  if (page === undefined) throw missing(folder);

  return async (request, reply) => {
    const path = request.url.split('?', 1)[0] ?? '';
    const isScreen = !path.slice(path.lastIndexOf('/')).includes('.');
    const file = files.get(path) ?? (isScreen ? page : undefined);
    if (file === undefined) throw new ApiError('not-found', `There is no ${path} here.`);
    return reply.header('cache-control', file.cache).type(file.type).send(file.bytes);
  };
}

function missing(folder: string, cause?: unknown): OutwitnessError<ServerErrorCode> {
  return new OutwitnessError(
    'dashboard-missing',
    `No dashboard in ${folder}: expected index.html. Build it with "npm run build", or install Outwitness again.`,
    cause,
  );
}
