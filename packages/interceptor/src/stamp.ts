/**
 * Remembers one value per object in a private field: no WeakMap on the hot path (one keyed by request cost 25 µs a call), nothing enumerable, nothing that `util.inspect` or a proxy shows.
 */
export interface Stamp<Value> {
  get(object: object): Value | undefined;
  set(object: object, value: Value | undefined): void;
}

// oxlint-disable-next-line typescript/no-extraneous-class -- returning another object is what it is for
class Returned {
  constructor(object: object) {
    // A base constructor that returns another object makes the derived class put its private fields on that one.
    return object;
  }
}

export function createStamp<Value>(): Stamp<Value> {
  class Stamped extends Returned {
    #value: Value | undefined;
    private constructor(object: object, value: Value | undefined) {
      super(object);
      this.#value = value;
    }
    static get(object: object): Value | undefined {
      return #value in object ? object.#value : undefined;
    }
    static set(object: object, value: Value | undefined): void {
      if (#value in object) object.#value = value;
      // oxlint-disable-next-line eslint/no-new -- the instance is the object itself
      else new Stamped(object, value);
    }
  }
  return Stamped;
}
