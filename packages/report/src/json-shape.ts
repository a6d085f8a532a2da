import { OutwitnessError } from '@outwitness/event';

import type { ReportErrorCode } from './errors.ts';

/**
 * Reads untrusted JSON piece by piece; each refusal says where, what was expected and what was there.
 *
 * @example new JsonShape('catalogue-invalid', 'catalogue.json').parse(text).member('version').integer(1, 1)
 */
export class JsonShape {
  readonly #code: ReportErrorCode;
  readonly #document: string;

  constructor(code: ReportErrorCode, document: string) {
    this.#code = code;
    this.#document = document;
  }

  parse(text: string): JsonNode {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (cause) {
      const got = cause instanceof Error ? cause.message : 'an unreadable text';
      throw new OutwitnessError(this.#code, `${this.#document}: expected JSON, got ${got}. Correct the file.`, cause);
    }
    return this.node(value);
  }

  node(value: unknown): JsonNode {
    return new JsonNode(value, '', (where, expected, got) => {
      const place = where === '' ? this.#document : `${this.#document}: ${where}`;
      return new OutwitnessError(this.#code, `${place}: expected ${expected}, got ${got}. Correct the file.`);
    });
  }
}

type Refuse = (where: string, expected: string, got: string) => OutwitnessError;

/** One value of a document and the way to it, such as `vendors[0].components[1].hosts`. */
export class JsonNode {
  readonly value: unknown;
  readonly #where: string;
  readonly #refuse: Refuse;

  constructor(value: unknown, where: string, refuse: Refuse) {
    this.value = value;
    this.#where = where;
    this.#refuse = refuse;
  }

  refuse(expected: string): OutwitnessError {
    return this.#refuse(this.#where, expected, shown(this.value));
  }

  get absent(): boolean {
    return this.value === undefined;
  }

  /** @param names if given, any other member is refused: a misspelt name must not pass for an absent one */
  object(names?: readonly string[]): this {
    if (typeof this.value !== 'object' || this.value === null || Array.isArray(this.value)) {
      throw this.refuse('an object');
    }
    for (const name of Object.keys(this.value)) {
      if (names !== undefined && !names.includes(name)) {
        throw this.#refuse(this.#join(name), `one of the members ${names.join(', ')}`, 'an unknown member');
      }
    }
    return this;
  }

  member(name: string): JsonNode {
    const value = Object.hasOwn(this.value as object, name) ? (this.value as Record<string, unknown>)[name] : undefined;
    return new JsonNode(value, this.#join(name), this.#refuse);
  }

  /** The elements; an absent list is empty. */
  list(): JsonNode[] {
    if (this.value === undefined) return [];
    if (!Array.isArray(this.value)) throw this.refuse('an array');
    return this.value.map((element, i) => new JsonNode(element, `${this.#where}[${i}]`, this.#refuse));
  }

  string(limit = 1024): string {
    if (typeof this.value !== 'string' || this.value === '') throw this.refuse('a text that is not empty');
    if (this.value.length > limit) throw this.refuse(`at most ${limit} characters`);
    return this.value;
  }

  boolean(): boolean {
    if (typeof this.value !== 'boolean') throw this.refuse('true or false');
    return this.value;
  }

  integer(least: number, most: number): number {
    const value = this.value;
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < least || value > most) {
      throw this.refuse(least === most ? String(least) : `an integer from ${least} to ${most}`);
    }
    return value;
  }

  #join(name: string): string {
    return this.#where === '' ? name : `${this.#where}.${name}`;
  }
}

function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object' && value !== null) return 'an object';
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
