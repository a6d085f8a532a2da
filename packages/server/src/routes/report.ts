import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';

import type { Backend } from '../backend.ts';
import { periodOf } from '../bounds.ts';
import type { Door } from '../door.ts';
import { ErrorAnswer, Report, ReportParams } from '../schemas.ts';

export function reportRoutes(backend: Backend, door: Door): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/report',
      {
        schema: {
          summary: 'The Trust Report',
          querystring: ReportParams,
          response: { 200: Report, '4xx': ErrorAnswer, '5xx': ErrorAnswer },
        },
      },
      async (request) => {
        door.admit(request, 'look');
        return backend.report(periodOf(request.query));
      },
    );
  };
}
