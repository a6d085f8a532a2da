import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Guards, onRequire, type Required, type Watch } from '@outwitness/interceptor';
import type { Package } from '../attribution/package-of.ts';
import type { Adapter, AdaptedFile } from './adapter.ts';
import type { Noting } from './callers.ts';

interface Wanted {
  adapter: Adapter;
  file: AdaptedFile;
  /** `/<package>/<file>` as a `require` may name it: without extension, without `/index`. */
  tail: string;
}

const MOST_SIGHTS = 8;

/**
 * Finds the files of adapted transports as they are loaded, whatever loads them: CommonJS as it is required, before whoever requires the file gets it; what is loaded otherwise (ES modules) when it is first seen on a stack, so that its first call goes without. Nothing is loaded that the application has not loaded.
 */
export class TransportFiles {
  readonly #noting: (adapter: Adapter) => Noting;
  readonly #guards: Guards;
  readonly #loading: Watch;
  readonly #required: Watch<Required>;
  readonly #requiring: Watch<Required>;
  readonly #byName = new Map<string, Wanted[]>();
  readonly #byPackage = new Map<string, Adapter>();
  readonly #done = new WeakSet<object>();
  readonly #sights = new Map<string, number>();
  readonly #replacing = new Set<string>();
  readonly #require = createRequire(import.meta.url);

  constructor(adapters: readonly Adapter[], noting: (adapter: Adapter) => Noting, guards: Guards) {
    this.#noting = noting;
    this.#guards = guards;
    this.#loading = guards.watch<unknown>('transports.loading', () => undefined);
    this.#requiring = guards.watch<Required>('transports.requiring', (required) => this.#onStart(required));
    this.#required = guards.watch<Required>('transports.required', (required) => this.#onEnd(required));
    for (const adapter of adapters) {
      this.#byPackage.set(adapter.name, adapter);
      for (const file of adapter.files) {
        if (file.esm === true) continue;
        const tail = plain(`/${adapter.name}/${file.file}`);
        // An entry file is also required by the package's name.
        for (const name of new Set([lastPart(tail), lastPart(adapter.name)]))
          this.#byName.set(name, [...(this.#byName.get(name) ?? []), { adapter, file, tail }]);
      }
    }
  }

  watch(): void {
    for (const [name, module] of Object.entries(this.#require.cache)) {
      if (module?.loaded !== true) continue;
      const file = slashed(name);
      for (const wanted of this.#byName.get(lastPart(plain(file))) ?? [])
        if (plain(file).endsWith(wanted.tail)) this.#adapt(wanted, module.exports);
    }
    onRequire('before', this.#guards.listener(this.#requiring));
    onRequire('after', this.#guards.listener(this.#required));
  }

  /** A transport stood on a stack and nobody with it: take what of it is loaded and was not seen being loaded. */
  sight(owner: Package, scripts: () => readonly string[]): void {
    const adapter = this.#byPackage.get(owner.name);
    if (adapter === undefined) return;
    const times = (this.#sights.get(owner.root) ?? 0) + 1;
    if (times > MOST_SIGHTS) return;
    this.#sights.set(owner.root, times);
    this.#guarded(() => {
      const root = pathToFileURL(owner.root).href;
      // V8 names an ES module by its URL: where one of the package runs, those that it imports have been evaluated.
      const esm = scripts().some((script) => script.startsWith(root));
      for (const file of adapter.files) {
        if (file.esm === true) {
          if (esm) void this.#import(adapter, file, new URL(file.file, root).href);
        } else {
          const module = this.#require.cache[path.normalize(owner.root + file.file)];
          if (module?.loaded === true) this.#adapt({ adapter, file, tail: '' }, module.exports);
        }
      }
    });
  }

  async #import(adapter: Adapter, file: AdaptedFile, url: string): Promise<void> {
    try {
      this.#adapt({ adapter, file, tail: '' }, await import(url));
    } catch {
      // Another layout of the package: its calls stay `transport`.
    }
  }

  #onEnd({ id, parentFilename, result }: Required): void {
    for (const wanted of this.#wanted(id, parentFilename)) this.#adapt(wanted, result);
  }

  /** A function that a module exports can be stood in for only before it is handed out: by loading the module a moment earlier than the one who is about to. */
  #onStart({ id, parentFilename }: Required): void {
    for (const { adapter, file } of this.#wanted(id, parentFilename)) {
      if (file.replace === undefined || typeof id !== 'string' || typeof parentFilename !== 'string') continue;
      const parent = this.#require.cache[parentFilename];
      const name = createRequire(parentFilename).resolve(id);
      if (parent === undefined || this.#require.cache[name] !== undefined || this.#replacing.has(name)) continue;
      this.#replacing.add(name);
      try {
        const exports: unknown = parent.require(id);
        const loaded: { exports: unknown } | undefined = Reflect.get(this.#require.cache, name);
        if (typeof exports === 'function' && loaded !== undefined)
          loaded.exports = file.replace(exports, this.#noting(adapter));
      } finally {
        this.#replacing.delete(name);
      }
    }
  }

  #wanted(id: unknown, parentFilename: unknown): Wanted[] {
    if (typeof id !== 'string') return [];
    const candidates = this.#byName.get(lastPart(plain(id)));
    if (candidates === undefined) return [];
    const relative = id.startsWith('.');
    if (relative && typeof parentFilename !== 'string') return [];
    const file = plain(slashed(relative ? path.resolve(path.dirname(parentFilename as string), id) : id));
    return candidates.filter(({ adapter, tail }) => file === adapter.name || file.endsWith(tail));
  }

  #adapt({ adapter, file }: Wanted, exports: unknown): void {
    if ((typeof exports !== 'object' && typeof exports !== 'function') || exports === null) return;
    if (file.adapt === undefined || this.#done.has(exports)) return;
    this.#done.add(exports);
    this.#guarded(() => file.adapt?.(exports as Readonly<Record<string, unknown>>, this.#noting(adapter)));
  }

  #guarded(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#guards.fault(this.#loading, error);
    }
  }
}

function slashed(name: string): string {
  return path.sep === '/' ? name : name.replaceAll(path.sep, '/');
}

/** Without what `require` adds by itself. */
function plain(file: string): string {
  return file.replace(/\.c?js$/, '').replace(/\/index$/, '');
}

function lastPart(file: string): string {
  return file.slice(file.lastIndexOf('/') + 1);
}
