/** Those of ISO 646 and ISO 6429, and those that turn the direction of text (Unicode, Bidi_Control): a name must read as it is. */
// oxlint-disable-next-line no-control-regex -- removing control characters is the purpose
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
const ORDINARY = /^[\u0020-\u007e]*$/;

/**
 * Makes a string fit for a record: well-formed, control characters → U+FFFD, at most `limit` bytes of UTF-8, never cut inside a code point (docs/formats/event.md, "Cleaning").
 *
 * @returns the cleaned text; it was cut if it is shorter than {@link utf8Length} of the input asks for, see {@link cleanField}
 */
export function clean(value: string, limit: number): string {
  if (ORDINARY.test(value)) return value.length <= limit ? value : value.slice(0, limit);
  return cutUtf8(value.toWellFormed().replace(CONTROL, '\ufffd'), limit);
}

/** Cleans a field and notes its name in `cut` if something was cut off. */
export function cleanField(name: string, value: string, limit: number, cut: string[]): string {
  const cleaned = clean(value, limit);
  if (cleaned.length < value.length && !cut.includes(name)) cut.push(name);
  return cleaned;
}

/** Cleans an array field: at most `count` elements of at most `limit` bytes. */
export function cleanList(
  name: string,
  values: readonly string[],
  count: number,
  limit: number,
  cut: string[],
): string[] {
  if (values.length > count && !cut.includes(name)) cut.push(name);
  return values.slice(0, count).map((value) => cleanField(name, value, limit, cut));
}

/** Bytes of the UTF-8 encoding of a well-formed string. */
export function utf8Length(value: string): number {
  let bytes = 0;
  for (let i = 0; i < value.length; i++) {
    const unit = value.charCodeAt(i);
    if (unit < 0x80) bytes += 1;
    else if (unit < 0x800) bytes += 2;
    else if (unit >= 0xd800 && unit <= 0xdbff) {
      bytes += 4;
      i++;
    } else bytes += 3;
  }
  return bytes;
}

function cutUtf8(value: string, limit: number): string {
  let bytes = 0;
  for (let i = 0; i < value.length;) {
    const codePoint = value.codePointAt(i) ?? 0;
    const size = codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4;
    if (bytes + size > limit) return value.slice(0, i);
    bytes += size;
    i += codePoint < 0x10000 ? 1 : 2;
  }
  return value;
}
