import { createRequire } from 'node:module';
import type { Guards } from '@outwitness/interceptor';
import { member } from '../transports/adapter.ts';
import { definedIn } from './defined-in.ts';
import type { NestControllers } from './nest-controllers.ts';
import type { Unit, Units } from './units.ts';

/** The members of NestJS 9 to 11 and of RxJS 7 that are used. */
interface Observer {
  next(value: unknown): void;
  error(error: unknown): void;
  complete(): void;
}
interface Observable {
  subscribe(observer: Observer): unknown;
}
interface ExecutionContext {
  getClass(): Function;
  getType(): string;
  switchToHttp(): { getRequest(): object };
}
interface Interceptor {
  intercept(context: ExecutionContext, next: { handle(): Observable }): Observable;
}
type Modules = ReadonlyMap<string, { readonly controllers: ReadonlyMap<unknown, { readonly metatype?: unknown }> }>;
interface ReflectMetadata {
  readonly getOwnMetadata: (key: string, target: object) => unknown;
  readonly defineMetadata: (key: string, value: unknown, target: object) => void;
}
interface DynamicModule {
  readonly module: NestModule;
  readonly providers: readonly object[];
}
/** A class for `imports`. */
export interface NestModule {
  new (): object;
  forRoot(): DynamicModule;
}

const CONTAINER = '/@nestjs/core/injector/modules-container.js';
/** What `@Get()`, `@MessagePattern()` and `@UseInterceptors()` of @nestjs/common leave on a method. */
const HANDLES = ['path', 'microservices:pattern'];
const INTERCEPTORS = '__interceptors__';

/**
 * The module for NestJS: `imports: [OutwitnessModule.forRoot()]`. A handler belongs to the package whose file defines its controller's class; which file that is, the modules of CommonJS tell that export it, and of an ES module its decorators, which were seen at work (see {@link NestControllers}).
 *
 * It adds one interceptor behind all others of each handler, as `@UseInterceptors()` would, so that interceptors and guards of other packages are not taken for the controller's.
 */
export function nestModule(units: Units, guards: Guards, decorated: NestControllers): NestModule {
  // oxlint-disable-next-line typescript/no-extraneous-class -- NestJS asks for a class
  return class OutwitnessModule {
    static forRoot(): DynamicModule {
      const container = containerClass();
      if (container === undefined) return { module: OutwitnessModule, providers: [] };
      // Called when all modules are known and none of their routes is in place.
      const useFactory = (modules: Modules): true => {
        watchControllers(units, guards, decorated, modules);
        return true;
      };
      return { module: OutwitnessModule, providers: [{ provide: 'OUTWITNESS', inject: [container], useFactory }] };
    }
  };
}

/** By which NestJS hands out its modules: of the copy that the application has loaded, if it is one. */
function containerClass(): unknown {
  const { cache } = createRequire(import.meta.url);
  const loaded = Object.entries(cache).filter(([name]) => name.replaceAll('\\', '/').endsWith(CONTAINER));
  return loaded.length === 1 ? member(loaded[0]?.[1], 'exports', 'ModulesContainer') : undefined;
}

/** Finds out whose the controllers are. */
function watchControllers(units: Units, guards: Guards, decorated: NestControllers, modules: Modules): void {
  const owners = new Map<Function, Unit>();
  const interceptor = behindAll(owners, units, guards);
  const find = guards.watch<Modules>('nest.controllers', (all) => {
    for (const { controllers } of all.values()) {
      for (const { metatype } of controllers.values()) {
        if (typeof metatype !== 'function') continue;
        const file = definedIn(metatype);
        const unit = file === undefined ? decorated.unitOf(metatype) : units.of(file);
        if (unit === undefined) continue;
        owners.set(metatype, unit);
        for (const handler of handlersOf(metatype)) append(handler, interceptor);
      }
    }
  });
  guards.listener(find)(modules);
}

function behindAll(owners: ReadonlyMap<Function, Unit>, units: Units, guards: Guards): Interceptor {
  const { working } = units;
  const handled = guards.listener(
    guards.watch<{ context: ExecutionContext; unit: Unit }>('nest.handler', ({ context, unit }) => {
      if (context.getType() !== 'http') return;
      const request = context.switchToHttp().getRequest();
      // On Fastify it is Fastify's, which holds Node's.
      const raw = member(request, 'raw');
      units.handles(typeof raw === 'object' && raw !== null ? raw : request, unit);
    }),
  );
  return {
    intercept(context, next) {
      const unit = owners.get(context.getClass());
      if (unit === undefined) return next.handle();
      handled({ context, unit });
      const outside = working.getStore();
      return emittedIn(
        working.run(unit, () => next.handle()),
        (emit) => working.run(outside, emit),
      );
    },
  };
}

/** The same values, told in another asynchronous context: what comes after the handler is other packages' code again. */
function emittedIn(source: Observable, run: (emit: () => void) => void): Observable {
  const Class = source.constructor as new (subscribe: (observer: Observer) => unknown) => Observable;
  return new Class((observer) =>
    source.subscribe({
      next: (value) => run(() => observer.next(value)),
      error: (error) => run(() => observer.error(error)),
      complete: () => run(() => observer.complete()),
    }),
  );
}

/** Methods that answer, inherited ones too. */
function* handlersOf(controller: Function): Generator<object> {
  const { getOwnMetadata } = Reflect as unknown as ReflectMetadata;
  for (let at: unknown = controller.prototype; at !== Object.prototype && at !== null; at = Object.getPrototypeOf(at)) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(at as object))) {
      if (name === 'constructor') continue;
      if (typeof value === 'function' && HANDLES.some((key) => getOwnMetadata(key, value) !== undefined)) yield value;
    }
  }
}

function append(handler: object, interceptor: Interceptor): void {
  const { getOwnMetadata, defineMetadata } = Reflect as unknown as ReflectMetadata;
  const before = (getOwnMetadata(INTERCEPTORS, handler) ?? []) as readonly unknown[];
  if (!before.includes(interceptor)) defineMetadata(INTERCEPTORS, [...before, interceptor], handler);
}
