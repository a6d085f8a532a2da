const LF = 0x0a;
/** Room for the longest line of a bundle, a text of 4 MiB in base64. */
const LINE_BYTES = 6 * 1024 * 1024;

export type Chunks = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** A defect of the form of a file. */
export class FormError extends Error {
  override name = 'FormError';
}

/**
 * Lines ended by LF, without it, out of chunks of bytes. A line is limited, so that a hostile file costs no more memory
 * than that.
 */
export class Lines {
  /** Number of the line taken last, from 1. */
  taken = 0;
  /** After the end: what stands after the last LF. */
  rest: Uint8Array = new Uint8Array();
  readonly #chunks: AsyncIterator<Uint8Array> | Iterator<Uint8Array>;
  readonly #onPassed: ((bytes: Uint8Array) => void) | undefined;
  #bytes: Uint8Array = new Uint8Array();
  #line = 0;
  #next = 0;
  #told = 0;

  /** @param onPassed gets all bytes before the line taken last, in pieces; the newest of them when asked by {@link pass} */
  constructor(chunks: Chunks, onPassed?: (bytes: Uint8Array) => void) {
    this.#chunks = Symbol.asyncIterator in chunks ? chunks[Symbol.asyncIterator]() : chunks[Symbol.iterator]();
    this.#onPassed = onPassed;
  }

  /** The next line if all of it is at hand: taking many lines waits for nothing but the file. */
  ready(): Uint8Array | undefined {
    const end = this.#bytes.indexOf(LF, this.#next);
    if ((end < 0 ? this.#bytes.length : end) - this.#next > LINE_BYTES)
      throw new FormError(`a line is longer than ${LINE_BYTES} bytes`);
    if (end < 0) return undefined;
    this.#line = this.#next;
    this.#next = end + 1;
    this.taken += 1;
    return this.#bytes.subarray(this.#line, end);
  }

  /** The next line, undefined at the end. */
  async next(): Promise<Uint8Array | undefined> {
    for (;;) {
      const line = this.ready();
      if (line !== undefined) return line;
      this.rest = this.#bytes.subarray(this.#next);
      const { value, done } = await this.#chunks.next();
      if (done === true) return undefined;
      this.#onPassed?.(this.#bytes.subarray(this.#told, this.#next));
      const bytes = new Uint8Array(this.rest.length + value.length);
      bytes.set(this.rest);
      bytes.set(value, this.rest.length);
      this.#bytes = bytes;
      this.#next = this.#told = 0;
    }
  }

  pass(): void {
    this.#onPassed?.(this.#bytes.subarray(this.#told, this.#line));
    this.#told = this.#line;
  }
}
