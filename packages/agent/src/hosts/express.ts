import { AsyncLocalStorage } from 'node:async_hooks';
import { createStamp, type Guards } from '@outwitness/interceptor';
import type { StackAttributor } from '../attribution/attributor.ts';
import type { Package } from '../attribution/package-of.ts';
import { type Adapter, member } from '../transports/adapter.ts';
import type { HostAttributor } from './host.ts';

/** A route's handlers, and who put them there. */
interface Unit {
  file: string;
  site: string;
}

/** `undefined`: code is at work of which it is not known whose it is. */
type Working = Unit | undefined;

const STEPS = ['handleRequest', 'handleError', 'handle_request', 'handle_error'];

/**
 * Names the package whose route is at work in Express 4 and 5 (its routers are the package `router` there). A handler's call may leave when the handler is off the stack, but not out of its asynchronous context.
 *
 * Whose a route is was seen when it was put in place: `router.get(path, handler)` is called by the package that brings the router along, wherever it is mounted. A middleware (`app.use(fn)`) is mostly another package's than the one that calls `use`, and a function does not say from which file it is: while one works, nobody is named.
 */
export class Express implements HostAttributor {
  readonly name = 'express';
  readonly scaffold: readonly string[] = ['express', 'router'];
  /** Files of Express, for whoever finds files as they are loaded. */
  readonly files: readonly Adapter[] = ['express', 'router'].map((name) => {
    const folder = name === 'express' ? 'lib/router' : 'lib';
    return {
      name,
      files: [
        { file: `${folder}/route.js`, adapt: (exports) => this.#watchRoutes(exports) },
        { file: `${folder}/layer.js`, adapt: (exports) => this.#watchLayers(exports) },
      ],
    };
  });
  readonly #working = new AsyncLocalStorage<Working>();
  readonly #units = createStamp<Unit>();
  /** The last route that a request came to: it is who answers. */
  readonly #handlers = createStamp<Unit>();
  readonly #attributor: StackAttributor;
  readonly #guards: () => Guards;

  /** @param guards asked for when the first file of Express is there */
  constructor(attributor: StackAttributor, guards: () => Guards) {
    this.#attributor = attributor;
    this.#guards = guards;
  }

  current(): string | undefined {
    return this.#working.getStore()?.file;
  }

  site(file: string, owner: Package): string {
    return this.#working.getStore()?.site ?? file.slice(owner.root.length);
  }

  handledBy(request: object): Unit | undefined {
    return this.#handlers.get(request);
  }

  /** `Route.prototype.get` and the like put a layer for each handler at the end of `stack`. */
  #watchRoutes(Route: unknown): void {
    const prototype = member(Route, 'prototype');
    if (typeof prototype !== 'object' || prototype === null) return;
    const point = this.#guards().point<Function>('express.route', {
      inspect: (_route, _args, entry) => entry,
      observe: (entry, _result, route) => this.#mark(route, entry),
    });
    for (const key of Object.keys(prototype)) {
      const original: unknown = Reflect.get(prototype, key);
      if (typeof original !== 'function' || key === 'dispatch' || key.startsWith('_')) continue;
      Reflect.set(prototype, key, this.#guards().callThrough(point, original));
    }
  }

  #mark(route: object, entry: Function): void {
    const stack = member(route, 'stack');
    if (!Array.isArray(stack)) return;
    let unit: Unit | undefined;
    for (let i = stack.length - 1; i >= 0; i--) {
      const layer = stack[i] as object;
      if (this.#units.get(layer) !== undefined) return;
      unit ??= this.#caller(entry);
      if (unit === undefined) return;
      this.#units.set(layer, unit);
    }
  }

  #caller(entry: Function): Unit | undefined {
    const { origin, owner, weak } = this.#attributor.above(entry);
    if (weak || owner === undefined || origin.site === undefined) return undefined;
    const path = origin.site.replace(/:\d+:\d+(?: .*)?$/, '');
    return { file: owner.root + path, site: origin.site };
  }

  #watchLayers(Layer: unknown): void {
    const prototype = member(Layer, 'prototype');
    if (typeof prototype !== 'object' || prototype === null) return;
    const working = this.#working;
    const point = this.#guards().point<{ outer: Working }>('express.layer', {
      inspect: (layer, args) => {
        const unit = this.#units.get(layer);
        // A request comes first among three arguments, second, behind an error, among four.
        const request = args[0];
        if (unit !== undefined && args.length === 3 && typeof request === 'object' && request !== null)
          this.#handlers.set(request, unit);
        const outer = working.getStore();
        if (unit === outer || (unit === undefined && isPassage(layer))) return undefined;
        working.enterWith(unit);
        return { outer };
      },
      leave: ({ outer }) => working.enterWith(outer),
    });
    for (const key of STEPS) {
      const original: unknown = Object.hasOwn(prototype, key) ? Reflect.get(prototype, key) : undefined;
      if (typeof original === 'function') Reflect.set(prototype, key, this.#guards().callThrough(point, original));
    }
  }
}

/** Express's own way on: to the layers of a route, of a mounted router or of a mounted application. */
function isPassage(layer: object): boolean {
  if (member(layer, 'route') !== undefined) return true;
  const handle = member(layer, 'handle');
  return Array.isArray(member(handle, 'stack')) && typeof member(handle, 'handle') === 'function';
}
