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
 * than that. What stands after the last LF is the value that the generator returns.
 */
export async function* readLines(chunks: Chunks): AsyncGenerator<Uint8Array, Uint8Array> {
  let kept: Uint8Array = new Uint8Array();
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(LF); end >= 0; end = chunk.indexOf(LF, start)) {
      yield join(kept, chunk.subarray(start, end));
      kept = new Uint8Array();
      start = end + 1;
    }
    kept = join(kept, chunk.slice(start));
    if (kept.length > LINE_BYTES) throw new FormError(`a line is longer than ${LINE_BYTES} bytes`);
  }
  return kept;
}

function join(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a.length === 0) return b;
  const bytes = new Uint8Array(a.length + b.length);
  bytes.set(a);
  bytes.set(b, a.length);
  return bytes;
}
