import { AsyncLocalStorage } from 'node:async_hooks';
import { apply } from '@outwitness/interceptor';
import type { Package } from '../attribution/package-of.ts';
import type { HostAttributor } from './host.ts';
import { type ModuleSeen, whenRequired } from './when-required.ts';

/** The members of Node-RED's runtime that are used; docs/design/node-red.md says what was measured. */
interface RedNode {
  readonly type?: unknown;
}
interface NodeConstructor {
  readonly prototype: { _emitInput?: unknown };
}
interface FlowUtil {
  createNode?: unknown;
}
interface Registry {
  getFullNodeInfo?: (type: string) => { readonly file?: unknown } | null | undefined;
}

const RUNTIME = '/@node-red/runtime/lib/';
const REGISTRY = '/@node-red/registry/lib/';

/**
 * Names the node module at work in Node-RED. A node's call leaves when the node is long off the stack (got flushes after an `await`, nodemailer connects in a `setImmediate`), but not out of its asynchronous context: the type of the node is noted there while its constructor and its input handlers run, and mapped to the file that Node-RED's own registry has for it.
 *
 * Costs the application an asynchronous context: from Node 24 on that is a frame that V8 carries anyway; below, promise hooks would be switched on for the whole process, so it is asked for (`context`).
 */
export class NodeRed implements HostAttributor {
  readonly name = 'node-red';
  /** On every stack and never the sender while a node is known. */
  readonly scaffold: readonly string[] = ['node-red', '@node-red/runtime', '@node-red/util', '@node-red/registry'];
  readonly #working = new AsyncLocalStorage<string>();
  readonly #files = new Map<string, string>();
  #registry: Registry | undefined = undefined;

  /** Waits for the runtime of Node-RED to be loaded; takes what is loaded already. */
  watch(): void {
    whenRequired([
      {
        file: `${RUNTIME}nodes/Node.js`,
        id: './Node',
        parent: `${RUNTIME}nodes/index.js`,
        seen: (exports) => this.#watchInput(exports),
      },
      {
        file: `${RUNTIME}flows/util.js`,
        id: './util',
        parent: `${RUNTIME}flows/Flow.js`,
        seen: (exports) => this.#watchCreation(exports),
      },
      {
        file: `${REGISTRY}registry.js`,
        id: './registry',
        parent: `${REGISTRY}index.js`,
        seen: (exports) => (this.#registry = exports as Registry),
      },
    ] satisfies ModuleSeen[]);
  }

  current(): string | undefined {
    const type = this.#working.getStore();
    return type === undefined ? undefined : this.#fileOf(type);
  }

  site(file: string, owner: Package): string {
    return owner.root === '' ? file.slice(file.lastIndexOf('/') + 1) : file.slice(owner.root.length);
  }

  #fileOf(type: string): string | undefined {
    const known = this.#files.get(type);
    if (known !== undefined) return known;
    const file = this.#registry?.getFullNodeInfo?.(type)?.file;
    if (typeof file !== 'string') return undefined;
    const normal = file.replaceAll('\\', '/');
    this.#files.set(type, normal);
    return normal;
  }

  #watchInput(exports: unknown): void {
    const { prototype } = exports as NodeConstructor;
    const original = prototype._emitInput;
    if (typeof original !== 'function') return;
    const working = this.#working;
    prototype._emitInput = function _emitInput(this: RedNode, ...args: unknown[]): unknown {
      const { type } = this;
      if (typeof type !== 'string') return apply(original, this, args);
      return working.run(type, () => apply(original, this, args));
    };
  }

  #watchCreation(exports: unknown): void {
    const util = exports as FlowUtil;
    const original = util.createNode;
    if (typeof original !== 'function') return;
    const working = this.#working;
    util.createNode = function createNode(
      this: unknown,
      flow: unknown,
      config: { readonly type?: unknown } | undefined,
    ): unknown {
      const type = config?.type;
      if (typeof type !== 'string') return apply(original, this, [flow, config]);
      return working.run(type, () => apply(original, this, [flow, config]));
    };
  }
}
