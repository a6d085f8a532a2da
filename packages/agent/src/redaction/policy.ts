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

/** Decides what of a call may be written down; docs/reference/redaction.md says the same in words. */
export class Redaction implements RedactionPolicy {
  readonly #strict: boolean;
  readonly #fingerprint: Fingerprint;
  readonly #headers: HeaderNames;

  constructor(options: RedactionOptions) {
    this.#strict = options.strict;
    this.#fingerprint = fingerprinter(options.key);
    this.#headers = new HeaderNames(options.strict);
  }

  target(target: Target): RedactedTarget {
    const { method, scheme, host, port, rawPath } = target;
    const { path, query } = splitTarget(rawPath);
    const keys = queryKeys(query);
    return {
      path: redactPath(path, this.#strict),
      queryKeys: this.#strict ? keys.map(() => VALUE) : keys,
      fingerprint: this.#fingerprint([method, scheme, host, String(port), path, query]),
    };
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
