import { createRequire } from 'node:module';
import path from 'node:path';
import { createStamp, type Guards, type Point } from '@outwitness/interceptor';
import { member } from '../transports/adapter.ts';
import type { Unit, Units } from './units.ts';

const OWN: ReadonlySet<string> = new Set(['express', 'router']);
const STEPS = ['handleRequest', 'handleError', 'handle_request', 'handle_error'];

/**
 * Names the package whose route is at work in Express 4 and 5 (its routers are the package `router` there).  *
 * Whose a route is was seen when it was put in place: `router.get(path, handler)` is called by the package that brings the router along, wherever it is mounted. A middleware (`app.use(fn)`) is mostly another package's than the one that calls `use`, and a function does not say from which file it is: while one works, nobody is named.
 */
export class Express {
  /** Files of Express, for whoever finds files as they are loaded. */
  readonly files: readonly { name: string; files: readonly { file: string; adapt(exports: unknown): void }[] }[] = [
    ...OWN,
  ].map((name) => {
    const folder = name === 'express' ? 'lib/router' : 'lib';
    return {
      name,
      files: [
        { file: `${folder}/route.js`, adapt: (exports) => this.#watchRoutes(exports) },
        { file: `${folder}/layer.js`, adapt: (exports) => this.#watchLayers(exports) },
      ],
    };
  });
  readonly #placed = createStamp<Unit>();
  readonly #adapted = new WeakSet<object>();
  readonly #units: Units;
  readonly #guards: () => Guards;
  /** One for all copies of Express. */
  #route: Point<Function> | undefined;
  #layer: Point<{ outer: Unit | undefined }> | undefined;

  /** @param guards asked for when the first file of Express is there */
  constructor(units: Units, guards: () => Guards) {
    this.#units = units;
    this.#guards = guards;
  }

  /** Takes the files that are loaded already: for an application that asks for it itself, wherever nothing tells of files as they are loaded. */
  find(): void {
    const guards = this.#guards();
    guards.listener(guards.watch<undefined>('express.find', () => this.#find()))(undefined);
  }

  #find(): void {
    const { cache } = createRequire(import.meta.url);
    for (const [name, module] of Object.entries(cache)) {
      const loaded = name.replaceAll(path.sep, '/');
      for (const { name: folder, files } of this.files) {
        for (const one of files)
          if (module?.loaded === true && loaded.endsWith(`/${folder}/${one.file}`)) one.adapt(module.exports);
      }
    }
  }

  /** `Route.prototype.get` and the like put a layer for each handler at the end of `stack`. */
  #watchRoutes(Route: unknown): void {
    const prototype = member(Route, 'prototype');
    if (typeof prototype !== 'object' || prototype === null || this.#adapted.has(prototype)) return;
    this.#adapted.add(prototype);
    const point = (this.#route ??= this.#guards().point<Function>('express.route', {
      inspect: (_route, _args, entry) => entry,
      observe: (entry, _result, route) => this.#mark(route, entry),
    }));
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
      if (this.#placed.get(layer) !== undefined) return;
      unit ??= this.#units.caller(entry, OWN);
      if (unit === undefined) return;
      this.#placed.set(layer, unit);
    }
  }

  #watchLayers(Layer: unknown): void {
    const prototype = member(Layer, 'prototype');
    if (typeof prototype !== 'object' || prototype === null || this.#adapted.has(prototype)) return;
    this.#adapted.add(prototype);
    const point = (this.#layer ??= this.#layerPoint());
    for (const key of STEPS) {
      const original: unknown = Object.hasOwn(prototype, key) ? Reflect.get(prototype, key) : undefined;
      if (typeof original === 'function') Reflect.set(prototype, key, this.#guards().callThrough(point, original));
    }
  }

  #layerPoint(): Point<{ outer: Unit | undefined }> {
    const { working } = this.#units;
    return this.#guards().point('express.layer', {
      inspect: (layer, args) => {
        const unit = this.#placed.get(layer);
        // A request comes first among three arguments, second, behind an error, among four.
        const request = args[0];
        if (unit !== undefined && args.length === 3 && typeof request === 'object' && request !== null)
          this.#units.handles(request, unit);
        const outer = working.getStore();
        if (unit === outer || (unit === undefined && isPassage(layer))) return undefined;
        working.enterWith(unit);
        return { outer };
      },
      leave: ({ outer }) => working.enterWith(outer),
    });
  }
}

/** Express's own way on: to the layers of a route, of a mounted router or of a mounted application. */
function isPassage(layer: object): boolean {
  if (member(layer, 'route') !== undefined) return true;
  const handle = member(layer, 'handle');
  return Array.isArray(member(handle, 'stack')) && typeof member(handle, 'handle') === 'function';
}
