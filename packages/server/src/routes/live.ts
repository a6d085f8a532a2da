import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';

import type { Door } from '../door.ts';
import type { Live } from '../live.ts';
import { ErrorAnswer } from '../schemas.ts';

export function liveRoutes(live: Live, door: Door): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/live',
      {
        schema: {
          summary: 'Stream of new heads (server-sent events "head")',
          response: { '4xx': ErrorAnswer, '5xx': ErrorAnswer },
        },
      },
      async (request, reply) => {
        live.open(request, reply, door.admit(request, 'look'));
        return reply;
      },
    );
  };
}
