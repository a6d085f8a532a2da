import { createStamp, type Guards } from '@outwitness/interceptor';
import type { Unit, Units } from './units.ts';
import { whenRequired } from './when-required.ts';

/** What `@Controller()` of NestJS 9 to 11 leaves on a class. */
const CONTROLLER = '__controller__';
/** They stand between the decorator and the file of the class. */
const PASSING: ReadonlySet<string> = new Set(['@nestjs/common', 'reflect-metadata', 'tslib', '@swc/helpers']);

/**
 * Whose the controllers of NestJS are, where no list of modules tells it, as of ES modules: `@Controller()` is at work while the file of the class is evaluated, which stands on the stack. A package with a decorator of its own that calls `@Controller()` by hand, not through `applyDecorators`, is taken for the controller's.
 *
 * Watches `Reflect.defineMetadata`, through which decorators leave what they say, from when @nestjs/common has loaded it.
 */
export class NestControllers {
  readonly #units: Units;
  readonly #guards: () => Guards;
  readonly #decorated = createStamp<Unit>();
  #watching = false;

  /** @param guards asked for when NestJS is there */
  constructor(units: Units, guards: () => Guards) {
    this.#units = units;
    this.#guards = guards;
  }

  /** Watches controllers that are decorated from now on. Idempotent. */
  watch(): void {
    if (this.#watching) return;
    this.#watching = true;
    const seen = (): void => this.#watchMetadata();
    whenRequired([
      { file: '/reflect-metadata/Reflect.js', id: 'reflect-metadata', parent: '/@nestjs/common/index.js', seen },
    ]);
  }

  /** `undefined`: it was decorated before, or nobody was on the stack. */
  unitOf(controller: Function): Unit | undefined {
    return this.#decorated.get(controller);
  }

  #watchMetadata(): void {
    const original: unknown = Reflect.get(Reflect, 'defineMetadata');
    if (typeof original !== 'function') return;
    const point = this.#guards().point<undefined>('nest.metadata', {
      inspect: (_reflect, args, entry) => {
        const target: unknown = args[0] === CONTROLLER ? args[2] : undefined;
        if (typeof target !== 'function') return undefined;
        const unit = this.#units.caller(entry, PASSING);
        if (unit !== undefined) this.#decorated.set(target, unit);
        return undefined;
      },
    });
    Reflect.set(Reflect, 'defineMetadata', this.#guards().callThrough(point, original));
  }
}
