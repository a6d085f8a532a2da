import { isIdShaped } from './names.ts';

/** RFC 9110 section 5.6.2, lower case. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9a-z-]{1,64}$/;
/** One more than may be kept, so that the writer notes the cut. */
const ENOUGH = 101;
const MOST_KNOWN = 2000;
const MOST_RECENT = 8;
const MOST_RECENT_NAMES = 40;

/** Names that strict mode keeps: those of RFC 9110 and its companions, which say nothing about anybody. */
const STANDARD: ReadonlySet<string> = new Set(
  (
    'accept accept-charset accept-encoding accept-language accept-ranges age allow alt-svc authorization cache-control connection ' +
    'content-disposition content-encoding content-language content-length content-location content-range content-security-policy content-type ' +
    'cookie date dnt etag expect expires forwarded from host if-match if-modified-since if-none-match if-range if-unmodified-since keep-alive ' +
    'last-modified link location max-forwards origin pragma prefer proxy-authenticate proxy-authorization proxy-connection range referer ' +
    'referrer-policy retry-after sec-fetch-dest sec-fetch-mode sec-fetch-site sec-websocket-accept sec-websocket-extensions sec-websocket-key ' +
    'sec-websocket-protocol sec-websocket-version server set-cookie strict-transport-security te trailer transfer-encoding upgrade user-agent ' +
    'vary via warning www-authenticate x-content-type-options x-forwarded-for x-forwarded-host x-forwarded-proto x-frame-options'
  ).split(' '),
);

/** Keeps header names only, never values: lower case, parts that look like ids masked by `*`, each name once. */
export class HeaderNames {
  readonly #strict: boolean;
  readonly #known = new Map<string, string | undefined>();
  /** Lists seen last: the calls of one program have few. */
  readonly #recent: { names: readonly string[]; kept: string[] }[] = [];
  #next = 0;

  constructor(strict: boolean) {
    this.#strict = strict;
  }

  /** @returns a list that others hold too: it must not be changed */
  keep(names: readonly string[]): string[] {
    const recent = this.#recent;
    for (let i = 0; i < recent.length; i++) {
      const one = recent[i];
      if (one !== undefined && isSame(one.names, names)) return one.kept;
    }
    const kept = this.#keep(names);
    if (names.length <= MOST_RECENT_NAMES) {
      recent[this.#next] = { names: [...names], kept };
      this.#next = (this.#next + 1) % MOST_RECENT;
    }
    return kept;
  }

  #keep(names: readonly string[]): string[] {
    const kept = new Set<string>();
    for (const name of names) {
      const masked = this.#mask(name);
      if (masked !== undefined) kept.add(masked);
      if (kept.size === ENOUGH) break;
    }
    return [...kept];
  }

  #mask(name: string): string | undefined {
    if (this.#known.has(name)) return this.#known.get(name);
    const lower = name.toLowerCase();
    let masked: string | undefined;
    // HTTP/2 pseudo headers are fields of their own (method, path, status).
    if (!TOKEN.test(lower) || (this.#strict && !STANDARD.has(lower))) masked = undefined;
    else masked = isIdShaped(lower) ? lower.split('-').map(maskPart).join('-') : lower;
    if (masked !== undefined && isIdShaped(masked)) masked = '*';
    if (this.#known.size >= MOST_KNOWN) this.#known.clear();
    this.#known.set(name, masked);
    return masked;
  }
}

function maskPart(part: string): string {
  return isIdShaped(part) ? '*' : part;
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
