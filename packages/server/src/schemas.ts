/** Shapes of the API in TypeBox: Fastify validates with them, and the OpenAPI text is made of them. */
import {
  type ComponentsJson,
  type ReportJson,
  TRAFFIC_DIMENSIONS,
  TRAFFIC_FIELDS,
  TRAFFIC_SORTS,
  type TrafficDimension,
  type TrafficJson,
  type TrafficOrder,
  type TrafficSort,
} from '@outwitness/report';
import { Type } from 'typebox';

import type { SettingChanges as SettingChangesJson } from './backend.ts';
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
  user: Nullable(Type.String()),
  expiresAt: Type.String({ format: 'date-time' }),
  software: Type.String(),
  origin: Type.String(),
});

const UserName = Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._@:-]{0,63}$' });
export const UserParams = Type.Object({ name: UserName });
export const RoleWanted = Type.Object({ role: Role }, { additionalProperties: false });
export const SessionParams = Type.Object({ id: Type.String({ pattern: '^[0-9a-f]{12}$' }) });
export const People = Type.Object({
  users: Type.Array(
    Type.Object({
      name: Type.String(),
      role: Role,
      since: Type.String(),
      next: Nullable(Type.Object({ role: Role, at: Type.String() })),
    }),
  ),
  sessions: Type.Array(
    Type.Object({
      id: Type.String(),
      role: Role,
      user: Nullable(Type.String()),
      from: Type.String(),
      since: Type.String(),
      expiresAt: Type.String(),
    }),
  ),
});
export const LinkWanted = Type.Object(
  {
    role: Role,
    user: Type.Optional(UserName),
    minutes: Type.Optional(Type.Integer({ minimum: 1, maximum: LIMITS.mostLinkMinutes })),
  },
  { additionalProperties: false },
);
export const Link = Type.Object({ url: Type.String(), token: Type.String(), expiresAt: Type.String() });

const SettingValue = Type.Union([
  Type.Boolean(),
  Type.Integer(),
  Type.Array(Type.String({ maxLength: 253 }), { maxItems: 256 }),
  Type.String({ maxLength: 4_096 }),
]);
/** Left as they came: Fastify would make `["yes"]` of a `"yes"` that is no boolean. The collector says what fits. */
export const SettingChanges = Type.Unsafe<SettingChangesJson>({
  type: 'object',
  minProperties: 1,
  maxProperties: 64,
  description: 'Names as in outwitness.config.json and their new values',
});
/** A login that is also good as the name of a user, or `#` and a number. */
const IssuedUser = Type.String({ pattern: '^(?:[A-Za-z0-9][A-Za-z0-9._@-]{0,46}|#[0-9]{1,10})$' });
/** Of a user that an issuer knows: never an admin. */
export const IssuedWanted = Type.Object(
  { role: Type.Union([Type.Literal('viewer'), Type.Literal('operator'), Type.Literal('officer')]), user: IssuedUser },
  { additionalProperties: false },
);
export const SettingChangesFor = Type.Object(
  { user: IssuedUser, changes: SettingChanges },
  { additionalProperties: false },
);
export const Settings = Type.Object({
  schemaVersion: Type.Literal(1),
  generation: Type.Integer(),
  file: Type.String(),
  settings: Type.Array(
    Type.Object({
      name: Type.String(),
      value: SettingValue,
      origin: Type.Union([Type.Literal('flag'), Type.Literal('env'), Type.Literal('file'), Type.Literal('default')]),
      fixed: Type.Boolean(),
    }),
  ),
});

export const Witness = Type.Object({
  state: Type.Union([Type.Literal('on'), Type.Literal('no-token'), Type.Literal('off')]),
});
export const VerifierPage = Type.Object({ file: Type.String(), bytes: Type.Integer(), sha256: Hash });

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

/** One of a list of words, with its type. */
const Word = <T extends string>(words: readonly T[]): Type.TUnsafe<T> =>
  Type.Unsafe<T>({ type: 'string', enum: [...words] });

export const TrafficParams = Type.Object({
  ...ReportParams.properties,
  by: Type.Optional(
    Type.Array(Word<TrafficDimension>(TRAFFIC_DIMENSIONS), {
      minItems: 1,
      maxItems: TRAFFIC_DIMENSIONS.length,
      description: 'What to group by, in this order; default: package, host, class',
    }),
  ),
  where: Filters(`FIELD=VALUE as for rows; FIELD is one of ${TRAFFIC_FIELDS.join(', ')}`),
  not: Filters('FIELD=VALUE: calls to leave out'),
  sort: Type.Optional(Word<TrafficSort>(TRAFFIC_SORTS)),
  order: Type.Optional(Word<TrafficOrder>(['asc', 'desc'])),
});

/** Handed through as the backend made it, as {@link Report} is. */
export const Traffic = Type.Unsafe<TrafficJson>({
  type: 'object',
  additionalProperties: true,
  description: 'Calls in groups, see docs/reference/json.md',
});

/** Handed through as the backend made it, as {@link Report} is. */
export const Components = Type.Unsafe<ComponentsJson>({
  type: 'object',
  additionalProperties: true,
  description: 'The catalogue in force and what was seen of its entries, see docs/reference/json.md',
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
