import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';

import type { Backend } from '../backend.ts';
import { boundOf, filterOf, microsOf } from '../bounds.ts';
import type { Door } from '../door.ts';
import { ApiError } from '../errors.ts';
import { At, AtParams, ErrorAnswer, RowDetail, RowParams, Rows, RowsParams } from '../schemas.ts';

export function rowsRoutes(backend: Backend, door: Door): FastifyPluginAsyncTypebox {
  const errors = { '4xx': ErrorAnswer, '5xx': ErrorAnswer };
  return async (app) => {
    app.get(
      '/rows',
      { schema: { summary: 'A page of rows', querystring: RowsParams, response: { 200: Rows, ...errors } } },
      async (request) => {
        door.admit(request, 'look');
        const { order = 'newest', after, from, to, where = [], not = [], limit = 100 } = request.query;
        return backend.rows({
          order,
          limit,
          ...(after === undefined ? {} : { after }),
          ...(from === undefined ? {} : { from: boundOf('from', from) }),
          ...(to === undefined ? {} : { to: boundOf('to', to) }),
          where: where.map((text) => filterOf('where', text)),
          not: not.map((text) => filterOf('not', text)),
        });
      },
    );
    app.get(
      '/rows/at',
      {
        schema: {
          summary: 'The first row at or after a time',
          querystring: AtParams,
          response: { 200: At, ...errors },
        },
      },
      async (request) => {
        door.admit(request, 'look');
        return { seq: await backend.seqAt(microsOf('time', request.query.time)) };
      },
    );
    app.get(
      '/rows/:seq',
      { schema: { summary: 'One row with its proof', params: RowParams, response: { 200: RowDetail, ...errors } } },
      async (request) => {
        door.admit(request, 'look');
        const row = await backend.row(request.params.seq);
        if (row === null) throw noRow(request.params.seq);
        return row;
      },
    );
    // POST: handing it out writes a row, which a mere link must not do.
    app.post(
      '/rows/:seq/proof',
      {
        schema: {
          summary: 'One row as a tlog-proof file; writes an export row first',
          params: RowParams,
          response: { 200: Type.String(), ...errors },
        },
      },
      async (request, reply) => {
        const { role } = door.admit(request, 'export');
        const { seq } = request.params;
        const proof = await backend.tlogProof(seq);
        if (proof === null) throw noRow(seq);
        try {
          await backend.control({
            event: 'export',
            actor: role,
            text: `Proof of row ${seq} handed out in the dashboard`,
          });
        } catch (cause) {
          throw new ApiError(
            'not-recorded',
            'The export could not be written to the record, so nothing is handed out. Check that the collector runs, then try again.',
            { cause },
          );
        }
        return reply
          .type('text/plain; charset=utf-8')
          .header('content-disposition', `attachment; filename="row-${seq}.tlog-proof"`)
          .send(proof);
      },
    );
  };
}

function noRow(seq: number): ApiError {
  return new ApiError('not-found', `There is no row ${seq} that a signed note covers.`);
}
