import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';

import type { Session } from '../access.ts';
import type { Backend } from '../backend.ts';
import type { Door } from '../door.ts';
import { ErrorAnswer, Session as SessionSchema, SignIn } from '../schemas.ts';
import type { SessionJson } from '../wire.ts';

export function sessionRoutes(backend: Backend, door: Door): FastifyPluginAsyncTypebox {
  const shown = (session: Session): SessionJson => ({
    role: session.role,
    user: session.user === '' ? null : session.user,
    expiresAt: new Date(session.expires).toISOString(),
    software: backend.software,
    origin: backend.origin,
  });
  return async (app) => {
    app.post(
      '/session',
      {
        schema: {
          summary: 'Sign in with a one-time token',
          body: SignIn,
          response: { 201: SessionSchema, '4xx': ErrorAnswer, '5xx': ErrorAnswer },
        },
      },
      async (request, reply) => {
        const session = await door.signIn(request, reply, request.body.token);
        return reply.code(201).send(shown(session));
      },
    );
    app.get(
      '/session',
      { schema: { summary: 'Who am I', response: { 200: SessionSchema, '4xx': ErrorAnswer } } },
      async (request) => shown(door.admit(request, 'look')),
    );
    app.delete(
      '/session',
      { schema: { summary: 'Sign out', response: { 204: Type.Null(), '4xx': ErrorAnswer } } },
      async (request, reply) => {
        await door.signOut(request, reply);
        return reply.code(204).send(null);
      },
    );
  };
}
