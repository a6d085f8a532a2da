/** The lines of a bundle with one look ahead, and the digest over them (bundle.md). */
import { fromHex, toHex } from './bytes.ts';
import { decodeUtf8 } from './canonical.ts';
import type { Crypto } from './crypto-port.ts';
import { type Chunks, FormError, Lines } from './lines.ts';

const SPACE = 0x20;

export class BundleReader {
  readonly crypto: Crypto;
  readonly #lines: Lines;
  readonly #digest: ReturnType<Crypto['sha256Stream']>;
  #ahead: Uint8Array | undefined;

  constructor(chunks: Chunks, crypto: Crypto) {
    this.crypto = crypto;
    this.#digest = crypto.sha256Stream();
    this.#lines = new Lines(chunks, (bytes) => this.#digest.update(bytes));
  }

  /** Number of the line looked at last. */
  get line(): number {
    return this.#lines.taken;
  }

  /** The first word of the next line. */
  async word(): Promise<string> {
    const line = await this.#peek();
    const space = line.indexOf(SPACE);
    return decodeUtf8(line.subarray(0, space < 0 ? undefined : space)) ?? '';
  }

  /** Takes a line of this word and returns what stands after it. */
  async text(word: string): Promise<string> {
    const line = await this.whole();
    if (line !== word && !line.startsWith(`${word} `)) throw new FormError(`no line "${word}" where it must stand`);
    return line.slice(word.length + 1);
  }

  /** Takes a line and returns its number and the bytes after it. */
  async numbered(): Promise<[seq: number, rest: Uint8Array]> {
    const line = await this.#take();
    const start = line.indexOf(SPACE) + 1;
    const end = line.indexOf(SPACE, start);
    return [decimal(decodeUtf8(line.subarray(start, Math.max(start, end)))), line.subarray(end + 1)];
  }

  async whole(limit?: number): Promise<string> {
    const line = decodeUtf8((await this.#take()).subarray(0, limit));
    if (line === undefined) throw new FormError('it is no UTF-8');
    return line;
  }

  /** The line `end`: the digest of all before it, and nothing after it. */
  async end(): Promise<void> {
    const said = await this.whole(100);
    this.#lines.pass();
    if (said !== `end ${toHex(this.#digest.digest())}`)
      throw new FormError('an unexpected line where the end must stand, or the digest of the bundle is another');
    if ((await this.#lines.next()) !== undefined || this.#lines.rest.length > 0)
      throw new FormError('something stands after the end');
  }

  async #peek(): Promise<Uint8Array> {
    this.#ahead ??= this.#lines.ready() ?? (await this.#lines.next());
    if (this.#ahead === undefined) throw new FormError('the bundle ends before its end');
    if (this.#ahead.at(-1) === SPACE) throw new FormError('a space at the end of a line');
    return this.#ahead;
  }

  async #take(): Promise<Uint8Array> {
    const line = this.#ahead ?? (await this.#peek());
    this.#ahead = undefined;
    return line;
  }
}

export function decimal(text = ''): number {
  const number = Number(text);
  if (!/^(?:0|[1-9]\d{0,15})$/.test(text) || !Number.isSafeInteger(number)) throw new FormError('no number');
  return number;
}

export function hashOf(hex = ''): Uint8Array {
  const hash = fromHex(hex, 32);
  if (hash === undefined) throw new FormError('no hash in hex');
  return hash;
}
