import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

import fc from 'fast-check';

import type { Facts } from '../src/facts.ts';
import type { Severity, Verdict } from '../src/report-json.ts';
import type { Rule } from '../src/rule.ts';
import { RULES } from '../src/rules/index.ts';
import { evidenceOf, judgeFacts } from '../src/verdict.ts';
import { cell, facts, group, ledger, NOW, pair, program, SETTINGS, writer } from './sample.ts';

/** One disturbance per rule: alone it makes that rule fire and no other. */
const DISTURBANCES: { readonly [id: string]: Partial<Facts> } = {
  'self-egress': { self: [cell({ app: 'outwitness', declared: 'no' })] },
  'own-verification-failed': ledger({
    verification: { verdict: 'TAMPERED', exit: 20, at: NOW, range: [0, 1], findings: [] },
  }),
  'vendor-outside-declaration': { cells: [cell({ class: 'vendor', declared: 'no', vendor: 'Acme' })] },
  'hook-changed': { hooks: [group('changed')] },
  'capture-blinded': { hooks: [group('blinded')] },
  'new-pair': { pairs: [pair()] },
  unattributed: { cells: [cell({ package: '' })] },
  'capture-gap': { gaps: [group('fault')] },
  'agent-silent': { writers: [writer({ state: 'silent' })] },
  'settings-changed': { intrusions: [group('settings')] },
  'disabled-channel': { settings: { ...SETTINGS, disabledChannels: ['dns'] } },
  'late-load': {
    controls: [group('late-load', { newest: [{ seq: 1, time: NOW, late: ['module undici'], app: 'shop', pid: 1 }] })],
  },
  'stale-checkpoint': ledger({ checkpoint: { size: 1, at: 0 } }),
  'clock-step': { controls: [group('clock-step')] },
  'rows-dropped': { drops: [group('erase')] },
  'body-capture': ledger({ bodyCapture: true }),
  'child-process': { programs: [program()] },
  'native-addon': { programs: [program({ channel: 'native' })] },
  'no-data': { cells: [] },
  learning: ledger({ firstRowAt: NOW }),
};

test('a quiet day is all-clear', () => {
  assert.deepEqual(judgeFacts(facts()), { verdict: 'all-clear', reasons: [] });
});

test('there is a disturbance for every rule', () => {
  assert.deepEqual(Object.keys(DISTURBANCES).toSorted(), RULES.map((rule) => rule.id).toSorted());
});

for (const rule of RULES) {
  test(`${rule.id} alone decides: ${rule.severity}`, () => {
    const { verdict, reasons } = judgeFacts(facts(DISTURBANCES[rule.id] ?? {}));
    assert.deepEqual(
      reasons.map((reason) => reason.id),
      [rule.id],
    );
    assert.equal(verdict, rule.severity);
  });

  test(`${rule.id} speaks to somebody who has never seen the product`, () => {
    const [reason] = judgeFacts(facts(DISTURBANCES[rule.id] ?? {})).reasons;
    assert.match(reason?.text ?? '', /^[A-Z0-9].*\.$/s);
    assert.match(reason?.action ?? '', /^[A-Z].*\.$/s);
    assert.doesNotMatch(reason?.text ?? '', /undefined|null|NaN|\[object|\brollup\b|\bseq\b|\bL[47]\b/);
  });
}

test('every rule is one file of its own name, and is described in the reference', () => {
  const files = readdirSync(new URL('../src/rules/', import.meta.url)).filter((file) => file !== 'index.ts');
  assert.deepEqual(files.toSorted(), RULES.map((rule) => `${rule.id}.ts`).toSorted());
  const reference = readFileSync(new URL('../../../docs/reference/report.md', import.meta.url), 'utf8');
  for (const rule of RULES) {
    const line = reference.split('\n').find((text) => text.startsWith(`| \`${rule.id}\` | ${rule.severity} |`));
    assert.ok(line, `docs/reference/report.md has no row for ${rule.id} (${rule.severity})`);
  }
});

const PRECEDENCE: readonly Verdict[] = ['alarm', 'attention', 'insufficient-data', 'all-clear'];

function fixed(severity: Severity, fires: boolean, id: string): Rule {
  const finding = { text: 'T.', action: 'A.', count: 1, link: { where: {}, fromSeq: null, toSeq: null }, cases: [] };
  return { id, severity, evaluate: () => (fires ? finding : undefined) };
}

test('whatever fires, the verdict is the worst severity and the reasons stand worst first, else in order', () => {
  const severity = fc.constantFrom<Severity>('alarm', 'attention', 'insufficient-data');
  fc.assert(
    fc.property(fc.array(fc.tuple(severity, fc.boolean()), { maxLength: 8 }), (given) => {
      const rules = given.map(([level, fires], i) => fixed(level, fires, `r${i}`));
      const { verdict, reasons } = judgeFacts(facts(), rules);
      const firing = given.filter(([, fires]) => fires).map(([level]) => level);
      const worst = PRECEDENCE.find((level) => level === 'all-clear' || firing.includes(level));
      assert.equal(verdict, worst);
      assert.equal(reasons.length, firing.length);
      const ranks = reasons.map((one) => PRECEDENCE.indexOf(one.severity) * 100 + Number(one.id.slice(1)));
      assert.deepEqual(
        ranks,
        ranks.toSorted((a, b) => a - b),
      );
    }),
  );
});

test('the same facts give the same reasons: nothing is read but the facts', () => {
  const all = Object.assign({}, ...Object.values(DISTURBANCES)) as Partial<Facts>;
  assert.deepEqual(judgeFacts(facts(all)), judgeFacts(facts(all)));
});

test('what the rules want to quote is asked for once and in bounds', () => {
  const cells = Array.from({ length: 500 }, (_, i) => cell({ package: '', host: `h${i}.test`, lastSeq: i }));
  const seqs = evidenceOf(facts({ cells: [...cells, ...cells] }));
  assert.equal(seqs.length, 200);
  assert.equal(new Set(seqs).size, 200);
});
