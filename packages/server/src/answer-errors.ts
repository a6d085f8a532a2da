import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';

import { ApiError } from './errors.ts';
import type { ErrorJson } from './wire.ts';

/** Answers `{error: {code, message}}`; what we did not mean to say (a stack, a path, a query) stays here. */
export function answerError(
  error: FastifyError | ApiError,
  _request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const answered = error instanceof ApiError ? error : apiErrorOf(error);
  if (answered.retryAfter !== undefined) reply.header('retry-after', String(answered.retryAfter));
  const body: ErrorJson = { error: { code: answered.code, message: answered.message } };
  // Content type and serializer may be those of the answer that failed.
  return reply.code(answered.status).type('application/json; charset=utf-8').serializer(JSON.stringify).send(body);
}

function apiErrorOf(error: FastifyError): ApiError {
  const status = error.statusCode ?? 500;
  if (error.validation !== undefined) return new ApiError('bad-request', `The request is malformed: ${error.message}.`);
  if (status === 404) return new ApiError('not-found', 'There is no such address in this API.');
  if (status >= 400 && status < 500) return new ApiError('bad-request', 'The request is malformed.');
  return new ApiError('internal', 'The server could not answer. The collector may be busy or stopped; try again.');
}
