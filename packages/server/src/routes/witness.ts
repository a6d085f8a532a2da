import type { FastifyInstance, FastifyRequest } from 'fastify';

import type { Backend } from '../backend.ts';
import { ApiError } from '../errors.ts';
import type { GuessLimit } from '../guess-limit.ts';
import { digestOf } from '../secrets.ts';
import { tileOf } from '../tile-path.ts';

/** Checkpoint and hash tiles for witnesses, outside `/api`: no session, a token of their own. */
export function witnessRoutes(app: FastifyInstance, { witness }: Backend, guesses: GuessLimit): void {
  app.get('/checkpoint', { schema: { hide: true } }, async (request, reply) => {
    admit(request);
    const note = await witness.checkpoint();
    if (note === null) throw noSuch();
    return reply.type('text/plain; charset=utf-8').header('cache-control', 'no-store').send(note);
  });
  app.get('/tile/*', { schema: { hide: true } }, async (request, reply) => {
    admit(request);
    const tile = tileOf(request.url);
    if (tile === undefined) throw noSuch();
    const from = tile.index * 256;
    const hashes = await witness.hashes(tile.level, from, from + tile.width);
    if (hashes === null) throw noSuch();
    const cache = tile.width === 256 ? 'private, max-age=31536000, immutable' : 'no-store';
    return reply.type('application/octet-stream').header('cache-control', cache).send(Buffer.concat(hashes));
  });

  function admit(request: FastifyRequest): void {
    const token = witness.token();
    if (token === undefined) throw noSuch();
    guesses.check(request.ip);
    const [, given] = /^Bearer ([\w-]{1,128})$/.exec(request.headers.authorization ?? '') ?? [];
    if (given !== undefined && token !== '' && digestOf(given) === token) return;
    if (given !== undefined) guesses.wrong(request.ip);
    throw new ApiError(
      'witness-refused',
      'Send "Authorization: Bearer TOKEN" with the token of: outwitness admin witness. A newer one takes the place of the one before.',
    );
  }
}

function noSuch(): ApiError {
  return new ApiError('not-found', 'There is no such address here.');
}
