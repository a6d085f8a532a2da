/** Shapes of the API in TypeBox: Fastify validates with them, and the OpenAPI text is made of them. */
import type { ReportJson } from '@outwitness/report';
import { Type } from 'typebox';

import { LIMITS } from './limits.ts';

const Nullable = <T extends Type.TSchema>(schema: T): Type.TUnion<[T, Type.TNull]> => Type.Union([schema, Type.Null()]);
const Hash = Type.String({ pattern: '^[0-9a-f]{64}$' });
const Seq = Type.Integer({ minimum: 0 });
const BoundText = (description: string) => Type.Optional(Type.String({ maxLength: 40, description }));
const Filters = (description: string) =>
  Type.Optional(Type.Array(Type.String({ maxLength: 1_100 }), { maxItems: LIMITS.filters, description }));

const Role = Type.Union([
  Type.Literal('viewer'),
  Type.Literal('operator'),
  Type.Literal('officer'),
  Type.Literal('admin'),
]);

export const SignIn = Type.Object(
  { token: Type.String({ minLength: 1, maxLength: 128 }) },
  { additionalProperties: false },
);

export const Session = Type.Object({
  role: Role,
  expiresAt: Type.String({ format: 'date-time' }),
  software: Type.String(),
  origin: Type.String(),
});

const Head = Type.Object({ size: Seq, at: Nullable(Type.String()) });

export const ReportParams = Type.Object({
  from: BoundText('ISO 8601 time, inclusive; default: 24 hours before `to`'),
  to: BoundText('ISO 8601 time, exclusive; default: now'),
  app: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
});

/** Handed through as the backend made it: its types are packages/report/src/report-json.ts, for this API and `report --json` alike. */
export const Report = Type.Unsafe<ReportJson>({
  type: 'object',
  additionalProperties: true,
  description: 'The object of `outwitness report --json`, see docs/reference/json.md',
});

const Row = Type.Object({ seq: Seq, leaf: Nullable(Type.String()), rowHash: Hash });

export const RowsParams = Type.Object({
  order: Type.Optional(Type.Union([Type.Literal('newest'), Type.Literal('oldest')], { default: 'newest' })),
  after: Type.Optional(
    Type.Integer({ minimum: -1, description: 'Only rows strictly beyond this one, in the order asked for' }),
  ),
  from: BoundText('Sequence number or ISO 8601 time, inclusive'),
  to: BoundText('Sequence number or ISO 8601 time, exclusive'),
  where: Filters(
    'FIELD=VALUE: rows that match; different fields must all match, values of one field are alternatives; empty = absent',
  ),
  not: Filters('FIELD=VALUE: rows to leave out'),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: LIMITS.pageRows, default: 100 })),
});

export const Rows = Type.Object({ rows: Type.Array(Row), next: Nullable(Type.Integer()), head: Head });

export const RowParams = Type.Object({ seq: Seq });

const Neighbour = Nullable(Type.Object({ seq: Seq, rowHash: Hash }));

export const RowDetail = Type.Object({
  ...Row.properties,
  previous: Neighbour,
  next: Neighbour,
  inclusion: Nullable(Type.Object({ size: Seq, hashes: Type.Array(Hash), note: Type.String() })),
  genesis: Nullable(Type.Object({ size: Seq, hashes: Type.Array(Hash), leaf: Type.String() })),
  key: Nullable(Type.Object({ seq: Seq, size: Seq, hashes: Type.Array(Hash), leaf: Type.String() })),
  head: Head,
});

export const AtParams = Type.Object({ time: Type.String({ maxLength: 40, description: 'ISO 8601 time' }) });
export const At = Type.Object({ seq: Nullable(Seq) });

export const ErrorAnswer = Type.Object({ error: Type.Object({ code: Type.String(), message: Type.String() }) });
