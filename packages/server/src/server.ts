import fastifySwagger from '@fastify/swagger';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { OutwitnessError } from '@outwitness/event';
import Fastify, { type FastifyInstance, type RawServerBase } from 'fastify';

import { answerError } from './answer-errors.ts';
import type { Backend } from './backend.ts';
import { Door } from './door.ts';
import { ApiError, type ServerErrorCode } from './errors.ts';
import { LIMITS } from './limits.ts';
import { Live } from './live.ts';
import { isLoopback } from './loopback.ts';
import { isApi, OwnOrigins } from './own-origins.ts';
import { issuerRoutes } from './routes/issuer.ts';
import { componentsRoutes } from './routes/components.ts';
import { liveRoutes } from './routes/live.ts';
import { peopleRoutes } from './routes/people.ts';
import { reportRoutes } from './routes/report.ts';
import { rowsRoutes } from './routes/rows.ts';
import { sessionRoutes } from './routes/session.ts';
import { settingsRoutes } from './routes/settings.ts';
import { trafficRoutes } from './routes/traffic.ts';
import { verifierRoutes } from './routes/verifier.ts';
import { witnessRoutes } from './routes/witness.ts';
import { digestOf, newSecret } from './secrets.ts';
import { setSecurityHeaders } from './security-headers.ts';
import { SessionCookie } from './session-cookie.ts';
import { readDashboard } from './static-files.ts';
import type { Role } from './wire.ts';

export interface ServerOptions {
  readonly backend: Backend;
  /** Folder that the dashboard's build made: holds index.html. */
  readonly dashboard: string;
  /** The verifier for browsers, one HTML file, to hand on. */
  readonly verifierPage?: string;
  /** Absent or 0: a free one is chosen. */
  readonly port?: number;
  /** Address to bind; default 127.0.0.1. Any other demands `tls` or `publicOrigin`. */
  readonly address?: string;
  /** PEM texts. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** `https://name[:port]` under which a proxy that ends TLS shows this server. */
  readonly publicOrigin?: string;
  /** ms since 1970; for tests of what expires. */
  readonly now?: () => number;
}

export interface SignInLink {
  readonly token: string;
  /** The page with the token in its fragment, which no browser sends and no log keeps. */
  readonly url: string;
}

export interface RunningServer {
  readonly port: number;
  /** As a person types it: scheme, host, port. */
  readonly url: string;
  /** As a program of this machine reaches it; `''` if it does not listen on loopback. */
  readonly local: string;
  /** A new one-time token, good for a day. The ones before stay good. */
  issueToken(role: Role): Promise<SignInLink>;
  /** Ends open streams and connections; resolves within 2 s. */
  close(): Promise<void>;
}

/**
 * Starts to listen.
 *
 * @throws OutwitnessError `listen-insecure`, `dashboard-missing`, `port-in-use`, `listen-failed`
 */
export async function createServer(options: ServerOptions): Promise<RunningServer> {
  const { backend, address = '127.0.0.1', now = Date.now } = options;
  demandSecurity(address, options);
  const own = new OwnOrigins();
  const secure = options.tls !== undefined || options.publicOrigin !== undefined;
  const door = new Door(backend.access, now, new SessionCookie(secure));
  const live = new Live(backend);
  let url = '';
  const linkTo = (token: string): string => `${url}/#token=${token}`;
  const app = await compose(options, own, door, live, linkTo);

  await listen(app, address, options.port ?? 0);
  const port = portOf(app);
  const scheme = options.tls === undefined ? 'http' : 'https';
  const host = address.includes(':') ? `[${address}]` : address;
  for (const name of isLoopback(address) ? [host, 'localhost'] : [host]) own.add(`${scheme}://${name}:${port}`);
  if (options.publicOrigin !== undefined) own.add(options.publicOrigin);

  url = options.publicOrigin ?? `${scheme}://${host}:${port}`;
  return {
    port,
    url,
    local: isLoopback(address) ? `${scheme}://${host}:${port}` : '',
    issueToken: async (role) => {
      const token = newSecret();
      const wanted = { role, user: '', minutes: LIMITS.startLinkMinutes };
      await backend.access.issue(digestOf(token), wanted, undefined);
      return { token, url: linkTo(token) };
    },
    close: async () => {
      live.close();
      await app.close();
    },
  };
}

async function compose(
  options: ServerOptions,
  own: OwnOrigins,
  door: Door,
  live: Live,
  linkTo: (token: string) => string,
): Promise<FastifyInstance> {
  const { backend } = options;
  const app = Fastify({
    bodyLimit: LIMITS.requestBytes,
    forceCloseConnections: true,
    // A request that does not get to its end holds no connection for long.
    requestTimeout: 30_000,
    routerOptions: { ignoreTrailingSlash: true },
    ...(options.tls === undefined ? {} : { https: options.tls }),
  }).withTypeProvider<TypeBoxTypeProvider>() as unknown as FastifyInstance;
  app.setErrorHandler(answerError);
  app.addHook('onRequest', async (request, reply) => {
    setSecurityHeaders(request, reply);
    own.check(request);
  });

  await app.register(fastifySwagger, {
    openapi: { info: { title: 'Outwitness', version: backend.software.split(' ').at(-1) ?? '' } },
  });
  const routes = [sessionRoutes, reportRoutes, trafficRoutes, componentsRoutes, rowsRoutes, settingsRoutes];
  for (const make of routes) await app.register(make(backend, door), { prefix: '/api' });
  await app.register(peopleRoutes(backend, door, linkTo), { prefix: '/api' });
  await app.register(verifierRoutes(door, options.verifierPage), { prefix: '/api' });
  await app.register(liveRoutes(live, door), { prefix: '/api' });
  app.get('/api/openapi.json', { schema: { hide: true } }, async (request) => {
    door.admit(request, 'look');
    return app.swagger();
  });

  witnessRoutes(app, backend, door.guesses);
  issuerRoutes(app, backend, door.guesses, options.now ?? Date.now);
  const serveDashboard = readDashboard(options.dashboard);
  app.get('/*', { schema: { hide: true } }, async (request, reply) => {
    if (isApi(request)) throw new ApiError('not-found', 'There is no such address in this API.');
    return serveDashboard(request, reply);
  });
  app.setNotFoundHandler(() => {
    throw new ApiError('not-found', 'There is no such address here.');
  });
  return app;
}

async function listen(app: FastifyInstance, host: string, port: number): Promise<void> {
  try {
    await app.listen({ host, port });
  } catch (cause) {
    await app.close();
    const code = (cause as NodeJS.ErrnoException).code ?? '';
    if (code === 'EADDRINUSE') {
      throw listenError(
        'port-in-use',
        `Port ${port} of ${host} is taken by another program. Choose another with --port N, or leave --port out to get a free one.`,
        cause,
      );
    }
    throw listenError(
      'listen-failed',
      `Cannot listen on ${host} port ${port}: ${code}. Choose another address or port.`,
      cause,
    );
  }
}

function demandSecurity(address: string, { tls, publicOrigin }: ServerOptions): void {
  if (publicOrigin !== undefined && !publicOrigin.startsWith('https://')) {
    throw listenError(
      'listen-insecure',
      `The public origin is ${publicOrigin}: expected https://NAME. The proxy in front must end TLS.`,
    );
  }
  if (isLoopback(address) || tls !== undefined || publicOrigin !== undefined) return;
  throw listenError(
    'listen-insecure',
    `${address} is not this machine alone: expected TLS files or a proxy that ends TLS. Give them, or listen on 127.0.0.1.`,
  );
}

function listenError(code: ServerErrorCode, message: string, cause?: unknown): OutwitnessError<ServerErrorCode> {
  return new OutwitnessError(code, message, cause);
}

function portOf(app: FastifyInstance): number {
  const bound = (app.server as RawServerBase).address();
  if (bound === null || typeof bound === 'string')
    throw listenError('listen-failed', 'The server is bound to no port.');
  return bound.port;
}
