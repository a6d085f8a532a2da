/**
 * Does a declared path cover a path of a row? The row's path is redacted: a placeholder such as `{n}` stands for a
 * segment that nobody kept, so it counts as covered wherever the declared segment could have been it. A contradiction
 * must be visible, or strict redaction would turn every call into an alarm.
 *
 * @param pattern segments after `/`; `*` or `{name}` is any one segment, as the last one `*` is one or more; without a
 * wildcard exactly this path
 * @example pathMatch('/v1/licences/*', '/v1/licences/{uuid}/renew') // true
 */
export function pathMatch(pattern: string, path: string): boolean {
  const want = segments(pattern);
  const got = segments(path);
  for (let i = 0; i < want.length; i++) {
    const declared = want[i] ?? '';
    if (declared === '*' && i === want.length - 1) return got.length > i;
    const actual = got[i];
    if (actual === undefined || !segmentMatch(declared, actual)) return false;
  }
  return got.length === want.length;
}

function segments(path: string): string[] {
  const bare = path.replace(/^\//, '').replace(/\/$/, '');
  return bare === '' ? [] : bare.split('/');
}

/** What a literal must look like for redaction to have turned it into this placeholder. */
const COULD_BE: { readonly [placeholder: string]: RegExp } = {
  '{n}': /^\d+$/,
  '{uuid}': /^[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}$/i,
  '{hex}': /^[0-9a-f]+$/i,
  '{email}': /(?:@|%40)/i,
  '{token}': /^.{8,}$/s,
};

function segmentMatch(declared: string, actual: string): boolean {
  if (declared === actual || declared === '*' || /^\{.*\}$/.test(declared)) return true;
  if (!/^\{[a-z]+\}$/.test(actual)) return false;
  return COULD_BE[actual]?.test(declared) ?? true;
}
