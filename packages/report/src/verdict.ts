import type { Facts } from './facts.ts';
import type { DetailJson, ReasonJson, Severity, Verdict } from './report-json.ts';
import type { Case, Rule } from './rule.ts';
import { RULES } from './rules/index.ts';
import { isoTime } from './sentences.ts';

const MAX_DETAIL = 20;
const PRECEDENCE: readonly Severity[] = ['alarm', 'attention', 'insufficient-data'];

/** The verdict and why; pure. */
export function judgeFacts(facts: Facts, rules: readonly Rule[] = RULES): { verdict: Verdict; reasons: ReasonJson[] } {
  const reasons = rules
    .flatMap((rule) => reasonOf(rule, facts) ?? [])
    .sort((a, b) => PRECEDENCE.indexOf(a.severity) - PRECEDENCE.indexOf(b.severity));
  return { verdict: reasons[0]?.severity ?? 'all-clear', reasons };
}

/** Sequence numbers of the rows that the reasons will quote. */
export function evidenceOf(facts: Facts, rules: readonly Rule[] = RULES): number[] {
  return [...new Set(rules.flatMap((rule) => rule.evidence?.(facts).slice(0, 10 * MAX_DETAIL) ?? []))];
}

function reasonOf(rule: Rule, facts: Facts): ReasonJson | undefined {
  const finding = rule.evaluate(facts);
  if (finding === undefined) return undefined;
  const { text, action, count, link, cases } = finding;
  return {
    id: rule.id,
    severity: rule.severity,
    text,
    action,
    count,
    link,
    detail: cases.slice(0, MAX_DETAIL).map(detailOf),
    detailOmitted: Math.max(0, cases.length - MAX_DETAIL),
  };
}

function detailOf(one: Case): DetailJson {
  return {
    text: one.text,
    count: one.count,
    link: one.link,
    app: one.app ?? null,
    package: one.package === undefined || one.package === '' ? null : one.package,
    host: one.host ?? null,
    port: one.port ?? null,
    site: one.site ?? null,
    seq: one.seq ?? null,
    time: one.time === undefined ? null : isoTime(one.time),
  };
}
