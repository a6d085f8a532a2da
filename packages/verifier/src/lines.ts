const LF = 0x0a;
/** Room for the longest line of a bundle: a catalogue of 4 MiB in base64. */
const LINE_BYTES = 6 * 1024 * 1024;

/** A defect of the file's structure, with the line where it stands. */
export class StructureError extends Error {
  override name = 'StructureError';
}

/**
 * Lines ended by LF out of chunks of bytes, without the LF. The bytes of a line are valid until the next one is asked
 * for. A line has a limit, so that a hostile file costs no more memory than that.
 */
export async function* readLines(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  unfinished: 'refuse' | 'ignore' = 'refuse',
): AsyncGenerator<Uint8Array> {
  let parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(LF); end >= 0; end = chunk.indexOf(LF, start)) {
      const piece = chunk.subarray(start, end);
      start = end + 1;
      yield parts.length === 0 ? piece : join([...parts, piece], length + piece.length);
      parts = [];
      length = 0;
    }
    const rest = chunk.slice(start);
    length += rest.length;
    if (length > LINE_BYTES) throw new StructureError(`a line is longer than ${LINE_BYTES} bytes`);
    if (rest.length > 0) parts.push(rest);
  }
  if (length > 0 && unfinished === 'refuse') throw new StructureError('the file ends inside a line');
}

function join(parts: readonly Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
