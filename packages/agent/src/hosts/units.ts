import { AsyncLocalStorage } from 'node:async_hooks';
import { createStamp } from '@outwitness/interceptor';
import type { StackAttributor } from '../attribution/attributor.ts';
import { FRAMEWORKS } from '../attribution/frameworks.ts';
import type { Package } from '../attribution/package-of.ts';
import type { HostAttributor } from './host.ts';

/** A route's handlers, and who put them there. */
export interface Unit {
  file: string;
  site: string;
}

/**
 * Whose route is at work, for frameworks of servers: Express, Fastify and NestJS share it, since one may run inside another. A handler's call may leave when the handler is off the stack, but not out of its asynchronous context.
 */
export class Units implements HostAttributor {
  readonly name = 'routes';
  /** Express calls every handler of its; NestJS waits for what a handler promised, which V8 shows as a frame behind the `await`. */
  readonly scaffold: readonly string[] = [
    'express',
    'router',
    '@nestjs/core',
    '@nestjs/platform-express',
    '@nestjs/platform-fastify',
  ];
  /** `undefined`: code is at work of which it is not known whose it is. */
  readonly working: AsyncLocalStorage<Unit | undefined> = new AsyncLocalStorage();
  /** The last route that a request came to: it is who answers. */
  readonly #handlers = createStamp<Unit>();
  readonly #attributor: StackAttributor;

  constructor(attributor: StackAttributor) {
    this.#attributor = attributor;
  }

  current(): string | undefined {
    return this.working.getStore()?.file;
  }

  site(file: string, owner: Package): string {
    return this.working.getStore()?.site ?? file.slice(owner.root.length);
  }

  handledBy(request: object): Unit | undefined {
    return this.#handlers.get(request);
  }

  /** @param request as Node made it */
  handles(request: object, unit: Unit): void {
    this.#handlers.set(request, unit);
  }

  /**
   * Who calls `entry` through the packages of its framework. Where another framework stands between, it has put the route in place for somebody whom the stack does not show: then nobody.
   *
   * @param passing packages of the framework
   */
  caller(entry: Function, passing: ReadonlySet<string>): Unit | undefined {
    const { origin, owner, weak } = this.#attributor.above(entry, passing);
    if (weak || owner === undefined || origin.site === undefined || FRAMEWORKS.has(owner.name)) return undefined;
    const path = origin.site.replace(/:\d+:\d+(?: .*)?$/, '');
    return { file: owner.root + path, site: origin.site };
  }

  /** The unit of a file that was found otherwise. */
  of(file: string): Unit {
    return { file, site: this.#attributor.inside(file) };
  }
}
