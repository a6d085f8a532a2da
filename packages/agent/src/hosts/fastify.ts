import type { Guards } from '@outwitness/interceptor';
import type { Unit, Units } from './units.ts';

type Done = (error?: Error | null, value?: unknown) => void;
interface Request {
  readonly raw: object;
}
type Hook = (request: Request, reply: unknown, done: Done) => void;

/** The members of Fastify 4 and 5 that are used. */
interface Fastify {
  addHook(name: 'onRoute', hook: (route: Route) => void): unknown;
  addHook(name: 'preSerialization' | 'onSend', hook: (...args: [unknown, unknown, unknown, Done]) => void): unknown;
  addHook(name: 'onError', hook: (...args: [unknown, unknown, unknown, () => void]) => void): unknown;
  addHook(name: 'onResponse' | 'onTimeout', hook: Hook): unknown;
}
/** As `onRoute` gets it, to be completed by a plug-in. */
interface Route {
  preHandler?: Hook | Hook[];
}
export type FastifyPlugin = (instance: object, options: object, done: () => void) => void;

const OWN: ReadonlySet<string> = new Set(['fastify', 'avvio', 'fastify-plugin', '@fastify/middie', '@fastify/express']);

/**
 * The plug-in for Fastify 4 and 5. A route belongs to the package that put it in place (`instance.get(path, handler)`), in whatever encapsulated plug-in that was; its handler's asynchronous context says so while it works. Hooks are other packages' code as a rule: before the handler nobody is named, and after it nobody again.
 *
 * It registers hooks, as any plug-in does, and changes neither requests nor replies.
 */
export function fastifyPlugin(units: Units, guards: Guards): FastifyPlugin {
  let hooks: Hooks | undefined;
  const plugin: FastifyPlugin = (instance, _options, done) => {
    watchRoutes(instance as Fastify, (hooks ??= hooksOf(units, guards)));
    done();
  };
  // What the package fastify-plugin sets: hooks of this plug-in are for the instance that registers it, not for a child.
  return Object.assign(plugin, {
    [Symbol.for('skip-override')]: true,
    [Symbol.for('fastify.display-name')]: 'outwitness',
    [Symbol.for('plugin-meta')]: { name: 'outwitness', fastify: '4.x || 5.x' },
  });
}

interface Hooks {
  /** Gives a route its last `preHandler`. */
  readonly placed: (route: Route) => void;
  /** Goes on where nobody is named. */
  readonly over: (done: Done) => void;
}

function hooksOf(units: Units, guards: Guards): Hooks {
  const { working } = units;
  const handled = guards.listener(
    guards.watch<{ request: Request; unit: Unit }>('fastify.handler', ({ request, unit }) =>
      units.handles(request.raw, unit),
    ),
  );
  const placed = guards.watch<Route>('fastify.route', (route, entry) => {
    const unit = units.caller(entry, OWN);
    if (unit === undefined) return;
    const before = route.preHandler ?? [];
    const begin: Hook = (request, _reply, done) => {
      handled({ request, unit });
      working.run(unit, done);
    };
    route.preHandler = [...(Array.isArray(before) ? before : [before]), begin];
  });
  return { placed: guards.listener(placed), over: (done) => working.run(undefined, done) };
}

function watchRoutes(instance: Fastify, { placed, over }: Hooks): void {
  instance.addHook('onRoute', placed);
  instance.addHook('preSerialization', (_request, _reply, _payload, done) => over(done));
  instance.addHook('onSend', (_request, _reply, _payload, done) => over(done));
  instance.addHook('onError', (_request, _reply, _error, done) => over(done));
  instance.addHook('onResponse', (_request, _reply, done) => over(done));
  instance.addHook('onTimeout', (_request, _reply, done) => over(done));
}
