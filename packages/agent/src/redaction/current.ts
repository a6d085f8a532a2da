import crypto from 'node:crypto';
import type { RedactedTarget, RedactionPolicy, Target } from '@outwitness/interceptor';
import type { AgentSettings } from '../settings.ts';
import { type FingerprintKey } from './fingerprint.ts';
import { restrictHeaderNames, restrictTarget } from './host-policy.ts';
import { Redaction } from './policy.ts';

/** The policy that the settings in force ask for. The random key is made once, so that fingerprints stay comparable while the process lives. */
export class CurrentRedaction implements RedactionPolicy {
  readonly #own: FingerprintKey = { bytes: crypto.randomBytes(32), own: true };
  #policy: Redaction;

  constructor(settings: AgentSettings) {
    this.#policy = this.#policyFor(settings);
  }

  apply(settings: AgentSettings): void {
    this.#policy = this.#policyFor(settings);
  }

  target(target: Target): RedactedTarget {
    return restrictTarget(target.host, this.#policy.target(target));
  }

  headerNames(names: readonly string[]): string[] {
    return restrictHeaderNames(this.#policy.headerNames(names));
  }

  hostName(host: string): string {
    return this.#policy.hostName(host);
  }

  localPath(path: string): string {
    return this.#policy.localPath(path);
  }

  #policyFor({ strict, fingerprintKey }: AgentSettings): Redaction {
    return new Redaction({
      strict,
      key: fingerprintKey === undefined ? this.#own : { bytes: fingerprintKey, own: false },
    });
  }
}
