import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';

import type { Backend } from '../backend.ts';
import type { Door } from '../door.ts';
import { LIMITS } from '../limits.ts';
import { refused } from '../refused.ts';
import { ErrorAnswer, Link, LinkWanted, People, RoleWanted, SessionParams, UserParams } from '../schemas.ts';
import { digestOf, newSecret } from '../secrets.ts';

/** Users, roles, open sessions and sign-in links. Everybody who may look sees who has which role; only an admin changes it. */
export function peopleRoutes(
  backend: Backend,
  door: Door,
  linkTo: (token: string) => string,
): FastifyPluginAsyncTypebox {
  const errors = { '4xx': ErrorAnswer, '5xx': ErrorAnswer };
  const { access } = backend;
  return async (app) => {
    app.get(
      '/people',
      { schema: { summary: 'Users and open sessions', response: { 200: People, ...errors } } },
      async (request) => {
        const { role } = door.admit(request, 'look');
        const { users, sessions } = access.people();
        return { users, sessions: role === 'admin' || role === 'officer' ? sessions : [] };
      },
    );
    app.put(
      '/people/:name',
      {
        schema: {
          summary: 'Give a user a role; that of an officer takes effect a day later',
          params: UserParams,
          body: RoleWanted,
          response: { 200: People, ...errors },
        },
      },
      async (request) => {
        const who = door.admit(request, 'people');
        await access.setRole(request.params.name, request.body.role, who).catch(refused);
        return access.people();
      },
    );
    app.delete(
      '/people/:name',
      { schema: { summary: 'Remove a user', params: UserParams, response: { 200: People, ...errors } } },
      async (request) => {
        const who = door.admit(request, 'people');
        await access.setRole(request.params.name, null, who).catch(refused);
        return access.people();
      },
    );
    app.delete(
      '/sessions/:id',
      { schema: { summary: 'End a session', params: SessionParams, response: { 200: People, ...errors } } },
      async (request) => {
        const who = door.admit(request, 'people');
        await access.revoke({ session: request.params.id }, who).catch(refused);
        return access.people();
      },
    );
    app.post(
      '/links',
      { schema: { summary: 'A one-time sign-in link', body: LinkWanted, response: { 201: Link, ...errors } } },
      async (request, reply) => {
        const who = door.admit(request, 'people');
        const { role, user = '', minutes = LIMITS.linkMinutes } = request.body;
        const token = newSecret();
        const expiresAt = new Date(Date.now() + minutes * 60_000).toISOString();
        await access.issue(digestOf(token), { role, user, minutes }, who).catch(refused);
        return reply.code(201).send({ url: linkTo(token), token, expiresAt });
      },
    );
  };
}
