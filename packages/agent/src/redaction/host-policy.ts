import type { RedactedTarget } from '@outwitness/interceptor';

/** What a host application may take away on top of the built-in redaction. It is shown only what that has left. */
export interface HostPolicy {
  /** @returns the path with segments replaced, or `undefined` to keep none of them */
  path?(host: string, path: string): string | undefined;
  /** @returns should the key be kept? */
  queryKey?(host: string, key: string): boolean;
  /** @returns should the name be kept? */
  headerName?(name: string): boolean;
}

const MASKED = '{s}';
const PLACEHOLDER = /^\{(?:n|uuid|hex|email|token|s)\}$/;
const policies = new Set<HostPolicy>();

/**
 * Has a policy of the application asked for each call from now on. It can only remove: a segment of a path that is neither what it was shown nor a placeholder becomes `{s}`, and so does the whole path if it throws.
 *
 * @returns takes the policy back
 * @example
 * restrictRedaction({ queryKey: (host, key) => key !== 'customer' });
 */
export function restrictRedaction(policy: HostPolicy): () => void {
  policies.add(policy);
  return () => policies.delete(policy);
}

export function restrictTarget(host: string, kept: RedactedTarget): RedactedTarget {
  let { path, queryKeys } = kept;
  for (const policy of policies) {
    path = lessOf(path, () => (policy.path === undefined ? path : policy.path(host, path)));
    queryKeys = queryKeys.filter((key) => isKept(() => policy.queryKey?.(host, key)));
  }
  return { path, queryKeys, fingerprint: kept.fingerprint };
}

export function restrictHeaderNames(names: string[]): string[] {
  let kept = names;
  for (const policy of policies) kept = kept.filter((name) => isKept(() => policy.headerName?.(name)));
  return kept;
}

function lessOf(path: string, ask: () => string | undefined): string {
  const shown = path.split('/');
  let given: string[];
  try {
    given = (ask() ?? '').split('/');
  } catch {
    given = [];
  }
  return shown
    .map((segment, i) => {
      const asked = given[i] ?? MASKED;
      if (segment === '' || asked === segment) return segment;
      return PLACEHOLDER.test(asked) ? asked : MASKED;
    })
    .join('/');
}

function isKept(ask: () => boolean | undefined): boolean {
  try {
    return ask() !== false;
  } catch {
    return false;
  }
}
