import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';

import type { Backend } from '../backend.ts';
import { boundOf } from '../bounds.ts';
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
        const { from, to, app: name } = request.query;
        return backend.report({
          ...(from === undefined ? {} : { from: boundOf('from', from) }),
          ...(to === undefined ? {} : { to: boundOf('to', to) }),
          ...(name === undefined ? {} : { app: name }),
        });
      },
    );
  };
}
