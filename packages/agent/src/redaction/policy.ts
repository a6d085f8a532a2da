import type { RedactedTarget, RedactionPolicy, Target } from '@outwitness/interceptor';
import { type Fingerprint, fingerprinter, type FingerprintKey } from './fingerprint.ts';
import { HeaderNames } from './header-names.ts';
import { strictHost } from './host-name.ts';
import { redactLocalPath } from './local-path.ts';
import { redactPath, splitTarget } from './path.ts';
import { queryKeys, VALUE } from './query.ts';

export interface RedactionOptions {
  /** Keep of a path its depth only, of query keys their number, of header names the standard ones. */
  strict: boolean;
  key: FingerprintKey;
}

/** Targets that were kept as they came. What was masked is never remembered, so no value lives longer than its call. */
const MOST_PLAIN = 2000;
const LONGEST_PLAIN = 256;

interface Plain {
  target: Target;
  kept: RedactedTarget;
}

/** Decides what of a call may be written down; docs/reference/redaction.md says the same in words. */
export class Redaction implements RedactionPolicy {
  readonly #strict: boolean;
  readonly #fingerprint: Fingerprint;
  readonly #headers: HeaderNames;
  readonly #plain = new Map<string, Plain>();

  constructor(options: RedactionOptions) {
    this.#strict = options.strict;
    this.#fingerprint = fingerprinter(options.key);
    this.#headers = new HeaderNames(options.strict);
  }

  target(target: Target): RedactedTarget {
    const known = this.#plain.get(target.rawPath);
    if (known !== undefined && isSame(known.target, target)) return known.kept;
    const { method, scheme, host, port, rawPath } = target;
    const { path, query } = splitTarget(rawPath);
    const keys = queryKeys(query);
    const kept = {
      path: redactPath(path, this.#strict),
      queryKeys: this.#strict ? keys.map(() => VALUE) : keys,
      fingerprint: this.#fingerprint([method, scheme, host, String(port), path, query]),
    };
    if (kept.path === rawPath && rawPath.length <= LONGEST_PLAIN) {
      if (this.#plain.size >= MOST_PLAIN) this.#plain.clear();
      this.#plain.set(rawPath, { target: { ...target }, kept: Object.freeze(kept) });
    }
    return kept;
  }

  headerNames(names: readonly string[]): string[] {
    return this.#headers.keep(names);
  }

  hostName(host: string): string {
    return this.#strict ? strictHost(host) : host;
  }

  localPath(path: string): string {
    return redactLocalPath(path, this.#strict);
  }
}

function isSame(a: Target, b: Target): boolean {
  return a.port === b.port && a.host === b.host && a.method === b.method && a.scheme === b.scheme;
}
