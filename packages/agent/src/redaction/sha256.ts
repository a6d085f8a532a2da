/** Bytes of a block. */
export const BLOCK = 64;
/** Bytes of a hash. */
export const HASH = 32;

const FRACTION = 2 ** 32;
const PRIMES = firstPrimes(64);
/** FIPS 180-4, 4.2.2 and 5.3.3: the first 32 bits of the fractional parts of cube roots and square roots of primes. */
const CONSTANTS = Int32Array.from(PRIMES, (prime) => (Math.cbrt(prime) % 1) * FRACTION);
const BEGIN = Int32Array.from(PRIMES.slice(0, 8), (prime) => (Math.sqrt(prime) % 1) * FRACTION);

function firstPrimes(count: number): number[] {
  const primes: number[] = [];
  for (let n = 2; primes.length < count; n++) if (primes.every((prime) => n % prime !== 0)) primes.push(n);
  return primes;
}

const schedule = new Int32Array(64);

/** The state before the first block (FIPS 180-4, 5.3.3). */
export function begin(): Int32Array {
  return BEGIN.slice();
}

/**
 * Takes one block of 64 bytes into the state (FIPS 180-4, 6.2.2).
 *
 * SHA-256 of our own, for the hot path alone: a call into OpenSSL costs as much as five blocks, and has no way to go on from a state that was kept.
 */
export function compress(state: Int32Array, bytes: Uint8Array, start: number): void {
  for (let t = 0, at = start; t < 16; t++, at += 4)
    schedule[t] =
      ((bytes[at] as number) << 24) |
      ((bytes[at + 1] as number) << 16) |
      ((bytes[at + 2] as number) << 8) |
      (bytes[at + 3] as number);
  for (let t = 16; t < 64; t++) {
    const near = schedule[t - 2] as number;
    const far = schedule[t - 15] as number;
    const sigma1 = ((near >>> 17) | (near << 15)) ^ ((near >>> 19) | (near << 13)) ^ (near >>> 10);
    const sigma0 = ((far >>> 7) | (far << 25)) ^ ((far >>> 18) | (far << 14)) ^ (far >>> 3);
    schedule[t] = (sigma1 + (schedule[t - 7] as number) + sigma0 + (schedule[t - 16] as number)) | 0;
  }
  let [a = 0, b = 0, c = 0, d = 0] = [state[0], state[1], state[2], state[3]];
  let [e = 0, f = 0, g = 0, h = 0] = [state[4], state[5], state[6], state[7]];
  for (let t = 0; t < 64; t++) {
    const sum1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const one = (h + sum1 + ((e & f) ^ (~e & g)) + (CONSTANTS[t] as number) + (schedule[t] as number)) | 0;
    const sum0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const two = (sum0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + one) | 0;
    d = c;
    c = b;
    b = a;
    a = (one + two) | 0;
  }
  state[0] = (state[0] as number) + a;
  state[1] = (state[1] as number) + b;
  state[2] = (state[2] as number) + c;
  state[3] = (state[3] as number) + d;
  state[4] = (state[4] as number) + e;
  state[5] = (state[5] as number) + f;
  state[6] = (state[6] as number) + g;
  state[7] = (state[7] as number) + h;
}

/**
 * Pads what lies behind whole blocks (FIPS 180-4, 5.1.1) and takes it in.
 *
 * @param bytes with room for the padding behind `end`: up to 72 bytes
 * @param start where the rest begins
 * @param total bytes of the whole message, blocks already taken in included; below 2 ** 29
 */
export function finish(state: Int32Array, bytes: Uint8Array, start: number, end: number, total: number): void {
  const last = end + 9 <= start + BLOCK ? start : start + BLOCK;
  bytes.fill(0, end, last + BLOCK);
  bytes[end] = 0x80;
  putWord(bytes, last + BLOCK - 4, total * 8);
  for (let at = start; at <= last; at += BLOCK) compress(state, bytes, at);
}

/** The state as bytes, most significant first. */
export function putState(bytes: Uint8Array, start: number, state: Int32Array): void {
  for (let i = 0; i < state.length; i++) putWord(bytes, start + 4 * i, state[i] as number);
}

function putWord(bytes: Uint8Array, at: number, word: number): void {
  bytes[at] = word >>> 24;
  bytes[at + 1] = word >>> 16;
  bytes[at + 2] = word >>> 8;
  bytes[at + 3] = word;
}
