import type { Adapter } from './adapter.ts';
import { axios } from './axios.ts';
import { gaxios } from './gaxios.ts';
import { got } from './got.ts';
import { grpc } from './grpc.ts';
import { ioredis } from './ioredis.ts';
import { ky } from './ky.ts';
import { makeFetchHappen } from './make-fetch-happen.ts';
import { nats } from './nats.ts';
import { nodemailer } from './nodemailer.ts';
import { pgPool } from './pg.ts';
import { postgres } from './postgres.ts';
import { request } from './request.ts';
import { superagent } from './superagent.ts';
import { undici } from './undici.ts';

/** Every transport that is known to make its call when its caller is off the stack. */
export const ADAPTERS: readonly Adapter[] = [
  axios,
  gaxios,
  got,
  grpc,
  ioredis,
  ky,
  makeFetchHappen,
  nats,
  nodemailer,
  pgPool,
  postgres,
  request,
  superagent,
  undici,
];
