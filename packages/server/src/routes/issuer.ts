import type { FastifyInstance, FastifyRequest } from 'fastify';

import { type Issuer, ISSUER_SETTINGS } from '../access.ts';
import type { Backend } from '../backend.ts';
import { ApiError } from '../errors.ts';
import type { GuessLimit } from '../guess-limit.ts';
import { IssuerLimit } from '../issuer-limit.ts';
import { isLoopback } from '../loopback.ts';
import { refused } from '../refused.ts';
import { IssuedWanted, SettingChangesFor } from '../schemas.ts';
import { digestOf, newSecret } from '../secrets.ts';
import type { IssuedJson, IssuerSettingsJson, SettingsJson } from '../wire.ts';

/** Headers that only a browser or a proxy sends: neither is an issuer, a program of this machine that knows a secret. */
const FOREIGN = ['origin', 'sec-fetch-site', 'cookie', 'forwarded', 'x-forwarded-for', 'x-real-ip', 'via'];

/** What a program that knows its own users may ask, outside `/api`: no session, a secret of its own (docs/reference/access.md, "Issuers"). */
export function issuerRoutes(app: FastifyInstance, backend: Backend, guesses: GuessLimit, now: () => number): void {
  const { access } = backend;
  const limit = new IssuerLimit(now);

  app.post<{ Body: { role: IssuedJson['role']; user: string } }>(
    '/issuer/link',
    { schema: { hide: true, body: IssuedWanted } },
    async (request, reply): Promise<IssuedJson> => {
      const { digest } = admit(request);
      const token = newSecret();
      const { role, user, expires } = await access.issueFor(digest, digestOf(token), request.body).catch(refused);
      reply.code(201).header('cache-control', 'no-store');
      return { token, role, user, expiresAt: new Date(expires).toISOString() };
    },
  );
  app.get('/issuer/settings', { schema: { hide: true } }, async (request): Promise<IssuerSettingsJson> => {
    const { issuer } = admit(request);
    return shown(await backend.settings(), issuer);
  });
  app.patch<{ Body: { user: string; changes: Record<string, SettingsJson['settings'][number]['value']> } }>(
    '/issuer/settings',
    { schema: { hide: true, body: SettingChangesFor } },
    async (request): Promise<IssuerSettingsJson> => {
      const { digest, issuer } = admit(request);
      const { changes, user } = request.body;
      return shown(await backend.changeSettingsFor(digest, changes, user).catch(refused), issuer);
    },
  );

  function admit(request: FastifyRequest): { digest: string; issuer: Issuer } {
    const { headers, socket } = request;
    const foreign = FOREIGN.find((name) => headers[name] !== undefined);
    if (foreign !== undefined || !isLoopback(socket.remoteAddress ?? '')) {
      throw new ApiError(
        'issuer-refused',
        `Only a program of this machine may ask this, by itself: ${foreign === undefined ? `this came from ${socket.remoteAddress ?? 'nowhere'}` : `this came with the header ${foreign}`}.`,
      );
    }
    guesses.check(request.ip);
    const [, given] = /^Bearer ([\w-]{1,128})$/.exec(headers.authorization ?? '') ?? [];
    const digest = digestOf(given ?? '');
    const issuer = given === undefined ? undefined : access.issuer(digest);
    if (issuer === undefined) {
      if (given !== undefined) guesses.wrong(request.ip);
      throw new ApiError(
        'issuer-refused',
        'Send "Authorization: Bearer SECRET" with the secret that this command wrote: outwitness admin issuer NAME --role ROLE. A newer one takes the place of the one before.',
      );
    }
    limit.count(issuer.name);
    return { digest, issuer };
  }
}

function shown({ settings, generation }: SettingsJson, issuer: Issuer): IssuerSettingsJson {
  return {
    generation,
    mayChange: issuer.settings,
    settings: settings.filter(({ name }) => ISSUER_SETTINGS.includes(name)),
  };
}
