import { readFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { basename } from 'node:path';

import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';

import type { Door } from '../door.ts';
import { ApiError } from '../errors.ts';
import { ErrorAnswer, VerifierPage } from '../schemas.ts';

/**
 * The verifier for browsers, handed on as the build made it: whoever gets it here compares its digest with the one that
 * was published, since a server that lies would lie about both.
 *
 * @param path of the file, read once; absent: there is none to hand on
 */
export function verifierRoutes(door: Door, path: string | undefined): FastifyPluginAsyncTypebox {
  const file = path === undefined ? undefined : { name: basename(path), bytes: readFileSync(path) };
  const sha256 = file === undefined ? '' : createHash('sha256').update(file.bytes).digest('hex');
  const errors = { '4xx': ErrorAnswer, '5xx': ErrorAnswer };
  return async (app) => {
    app.get(
      '/verifier',
      {
        schema: {
          summary: 'The verifier for browsers: name, size, SHA-256',
          response: { 200: VerifierPage, ...errors },
        },
      },
      async (request) => {
        door.admit(request, 'look');
        if (file === undefined) throw missing();
        return { file: file.name, bytes: file.bytes.length, sha256 };
      },
    );
    app.get(
      '/verifier/file',
      { schema: { summary: 'The verifier for browsers, as a download' } },
      async (request, reply) => {
        door.admit(request, 'look');
        if (file === undefined) throw missing();
        // Never opened under this origin: what it is given to judge is nothing for a signed-in page.
        return reply
          .header('content-disposition', `attachment; filename="${file.name}"`)
          .header('cache-control', 'no-cache')
          .type('text/html; charset=utf-8')
          .send(file.bytes);
      },
    );
  };
}

function missing(): ApiError {
  return new ApiError('not-found', 'This server has no verifier to hand on. Print it with: outwitness verify --html');
}
