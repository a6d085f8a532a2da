import { learningOf } from '../facts.ts';
import { programCase, unacknowledgedPrograms } from '../programs.ts';
import { kindLink } from '../row-link.ts';
import type { Rule } from '../rule.ts';
import { counted, listed } from '../sentences.ts';

/**
 * What a host itself is known to do with a library that every process has loaded anyway: a threaded Odoo limits the allocator (`mallopt`) when it starts. The row stays; an addon that does the same is no host.
 */
const OF_HOSTS: ReadonlySet<string> = new Set(['(odoo) -> libc.so.6']);

/** Compiled code can open connections that JavaScript never sees. */
export const nativeAddon: Rule = {
  id: 'native-addon',
  severity: 'attention',
  evaluate(facts) {
    const addons = unacknowledgedPrograms(facts, 'native').filter(
      (one) => !OF_HOSTS.has(`${one.package} -> ${one.program}`),
    );
    if (addons.length === 0 || learningOf(facts).active) return undefined;
    return {
      text: `${counted(addons.length, 'native addon')} ${addons.length === 1 ? 'was' : 'were'} loaded (${listed(addons.map((addon) => addon.package || addon.program))}): compiled code can use the network without being seen here.`,
      action:
        'Check that you know and need these packages, then acknowledge each pair; watch the machine itself if you must be sure.',
      count: addons.length,
      link: kindLink({ kind: 'net', channel: 'native' }),
      cases: addons.map(programCase),
    };
  },
};
