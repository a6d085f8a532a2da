import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { TRAFFIC_FIELDS, trafficColumns, type TrafficFilter, type TrafficQuery } from '@outwitness/report';

import type { Backend } from '../backend.ts';
import { filterOf, periodOf } from '../bounds.ts';
import type { Door } from '../door.ts';
import { ApiError } from '../errors.ts';
import { ErrorAnswer, Traffic, TrafficParams } from '../schemas.ts';

export function trafficRoutes(backend: Backend, door: Door): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/traffic',
      {
        schema: {
          summary: 'Calls of a period in groups',
          querystring: TrafficParams,
          response: { 200: Traffic, '4xx': ErrorAnswer, '5xx': ErrorAnswer },
        },
      },
      async (request) => {
        door.admit(request, 'look');
        const { by = ['package', 'host', 'class'], where = [], not = [], sort, order } = request.query;
        if (by.includes('day') && by.includes('hour')) {
          throw new ApiError('bad-request', '"by" is both day and hour: expected one of them, an hour has its day.');
        }
        const query: TrafficQuery = {
          by: [...new Set(by)],
          where: where.map((text) => fieldFilter('where', text)),
          not: not.map((text) => fieldFilter('not', text)),
          ...(sort === undefined ? {} : { sort }),
          ...(order === undefined ? {} : { order }),
        };
        const columns = trafficColumns(query);
        if (sort !== undefined && !columns.includes(sort)) {
          throw new ApiError('bad-request', `"sort" is ${sort}: expected one of ${columns.join(', ')}.`);
        }
        return backend.traffic({ ...periodOf(request.query), ...query });
      },
    );
  };
}

function fieldFilter(name: string, text: string): TrafficFilter {
  const { field, value } = filterOf(name, text);
  const known = TRAFFIC_FIELDS.find((one) => one === field);
  if (known !== undefined) return { field: known, value };
  throw new ApiError(
    'bad-request',
    `"${name}" is ${JSON.stringify(text)}: traffic is counted by ${TRAFFIC_FIELDS.join(', ')}, not by ${field}. Use one of these, or look at rows.`,
  );
}
