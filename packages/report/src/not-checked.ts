import type { Facts } from './facts.ts';
import { programsOf } from './programs.ts';
import { disabledChannels } from './rules/disabled-channel.ts';
import { counted, listed } from './sentences.ts';

/** What this report does not prove. A sentence is here because it is true, not because it is likely. */
export function notChecked(facts: Facts): string[] {
  const { ledger } = facts;
  const programs = [...new Set(programsOf(facts, 'process').map((one) => one.program))];
  const addons = [...new Set(programsOf(facts, 'native').map((one) => one.package || one.program))];
  const disabled = disabledChannels(facts);
  const lines = [
    'That the audited processes told the truth: code inside them can lie about its own future calls, not about what is already on record.',
    keyLine(ledger.keyWithinReach),
    ledger.verification === undefined
      ? 'That the record is unchanged: it was not verified yet. Run "outwitness verify".'
      : 'That nobody exchanged the whole record and its key: that takes a checkpoint kept elsewhere (outwitness verify --pin).',
    beforeLine(ledger.predecessor),
    cutLine(ledger.cut),
    programs.length === 0
      ? undefined
      : `What child processes sent: ${listed(programs, 6)} ran outside the watch (${counted(programs.length, 'program')}).`,
    addons.length === 0
      ? undefined
      : `What native addons sent: ${listed(addons, 6)} can use the network below JavaScript.`,
    disabled.length === 0 ? undefined : `Calls of the channels that are switched off: ${listed(disabled, 6)}.`,
    facts.settings.strict
      ? 'Paths: strict redaction keeps their depth only, so a declared path cannot be told from another of the same depth.'
      : undefined,
    facts.cachedCalls === null || facts.cachedCalls === 0
      ? undefined
      : `The caller of ${counted(facts.cachedCalls, 'call')}: taken over from earlier calls of the same shape (attribution: adaptive).`,
    'What was sent: bodies are never captured, so sizes, hosts and paths are all that speaks of the contents.',
  ];
  return lines.filter((line) => line !== undefined);
}

function beforeLine(predecessor: Facts['ledger']['predecessor']): string | undefined {
  return predecessor === undefined
    ? undefined
    : `What the record before this one holds: ${predecessor.origin}, ${counted(predecessor.size, 'row')}, was found ${predecessor.verdict}. "outwitness verify --predecessor" looks at its evidence.`;
}

function cutLine(cut = 0): string | undefined {
  return cut === 0
    ? undefined
    : `What ${counted(cut, 'old row')} said: the policy dropped their texts, hashes and totals are all that is left.`;
}

function keyLine(withinReach: boolean | undefined): string | undefined {
  if (withinReach === false) return undefined;
  return withinReach === true
    ? 'That the audited process left the record alone: the signing key is within its reach, since collector and application run as one user. Use "outwitness run --as USER" or "outwitness collect".'
    : 'That the audited process could not reach the signing key: under which user it runs is not known.';
}
