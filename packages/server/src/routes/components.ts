import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';

import type { Backend } from '../backend.ts';
import { periodOf } from '../bounds.ts';
import type { Door } from '../door.ts';
import { Components, ErrorAnswer, ReportParams } from '../schemas.ts';

export function componentsRoutes(backend: Backend, door: Door): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/components',
      {
        schema: {
          summary: 'The catalogue in force and what was seen of its entries',
          querystring: ReportParams,
          response: { 200: Components, '4xx': ErrorAnswer, '5xx': ErrorAnswer },
        },
      },
      async (request) => {
        door.admit(request, 'look');
        return backend.components(periodOf(request.query));
      },
    );
  };
}
