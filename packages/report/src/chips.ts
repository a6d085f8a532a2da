import type { Facts } from './facts.ts';
import { DAY_US, learningOf } from './facts.ts';
import type { ChipsJson } from './report-json.ts';
import { silentWriters } from './rules/agent-silent.ts';
import { gapsThatCount } from './rules/capture-gap.ts';
import { captureOff, disabledChannels } from './rules/disabled-channel.ts';
import { verificationText } from './rules/own-verification-failed.ts';
import { isStale } from './rules/stale-checkpoint.ts';
import { counted, isoTime, listed } from './sentences.ts';

/** The collector verifies everything once a day; older than this its word is no comfort. */
const OLD_VERIFICATION_US = DAY_US + DAY_US / 12;

/** State lights; each says of one thing what the rules say of all. */
export function chipsOf(facts: Facts): ChipsJson {
  return {
    ledger: ledgerChip(facts),
    key: keyChip(facts),
    stackCapture: stackChip(facts),
    agents: agentsChip(facts),
    gaps: gapsChip(facts),
    bodyCapture: facts.ledger.bodyCapture
      ? { state: 'warn', text: 'Bodies are captured by order', on: true }
      : { state: 'ok', text: 'No bodies captured', on: false },
    redaction: redactionChip(facts),
    capture: captureChip(facts),
    checkpoint: checkpointChip(facts),
    learning: learningChip(facts),
  };
}

function ledgerChip({ now, ledger }: Facts): ChipsJson['ledger'] {
  const run = ledger.verification;
  if (run === undefined) return { state: 'unknown', text: 'Not verified yet', verdict: null, exit: null, at: null };
  const bad = ledger.frozen !== undefined || [20, 21, 22, 30].includes(run.exit);
  const old = now - run.at > OLD_VERIFICATION_US || run.exit === 11 || run.exit === 12;
  return {
    state: bad ? 'bad' : old ? 'warn' : 'ok',
    text: ledger.frozen === undefined ? verificationText(run.exit, run.findings.length) : 'Ledger frozen',
    verdict: run.verdict,
    exit: run.exit,
    at: isoTime(run.at),
  };
}

function keyChip({ ledger }: Facts): ChipsJson['key'] {
  if (ledger.keyWithinReach === undefined) {
    return { state: 'unknown', text: 'Not known who can reach the key', withinReach: null };
  }
  return ledger.keyWithinReach
    ? { state: 'warn', text: 'Key within reach of the application', withinReach: true }
    : { state: 'ok', text: 'Key out of reach of the application', withinReach: false };
}

function stackChip({ hooks }: Facts): ChipsJson['stackCapture'] {
  const blinded = hooks.find((group) => group.event === 'blinded')?.rows ?? 0;
  return blinded > 0
    ? { state: 'bad', text: `Call sites disturbed ${counted(blinded, 'time')}`, blinded }
    : { state: 'ok', text: 'Call sites captured', blinded };
}

function agentsChip(facts: Facts): ChipsJson['agents'] {
  const live = facts.writers.filter((writer) => writer.state === 'live').length;
  const silent = silentWriters(facts).length;
  const text =
    silent > 0 ? `${counted(silent, 'agent')} silent` : live > 0 ? `${counted(live, 'agent')} live` : 'No agent live';
  return { state: silent > 0 ? 'warn' : live > 0 ? 'ok' : 'unknown', text, live, silent };
}

function gapsChip(facts: Facts): ChipsJson['gaps'] {
  const groups = gapsThatCount(facts);
  const count = groups.reduce((total, group) => total + group.count, 0);
  const missing = groups.reduce((total, group) => total + group.missing, 0);
  return { state: count > 0 ? 'warn' : 'ok', text: count > 0 ? counted(count, 'gap') : 'No gaps', count, missing };
}

/** What the live processes say of themselves; without any, what the settings ask for. */
function redactionChip({ writers, settings }: Facts): ChipsJson['redaction'] {
  const live = writers.filter((writer) => writer.state === 'live');
  const strict = live.length === 0 ? settings.strict : live.every((writer) => writer.strict);
  if (!strict && live.some((writer) => writer.strict))
    return { state: 'warn', text: 'Redaction differs', mode: 'mixed' };
  return strict
    ? { state: 'ok', text: 'Strict redaction', mode: 'strict' }
    : { state: 'ok', text: 'Standard redaction', mode: 'standard' };
}

function captureChip(facts: Facts): ChipsJson['capture'] {
  const channels = disabledChannels(facts);
  const enabled = !captureOff(facts);
  const text = enabled ? (channels.length === 0 ? 'All channels on' : `Off: ${listed(channels)}`) : 'Capture off';
  return { state: enabled && channels.length === 0 ? 'ok' : 'warn', text, enabled, disabledChannels: channels };
}

function checkpointChip(facts: Facts): ChipsJson['checkpoint'] {
  const { size, at } = facts.ledger.checkpoint;
  if (at === undefined) return { state: 'unknown', text: 'Nothing signed yet', size, at: null };
  const stale = isStale(facts);
  const text = stale ? `Last signed at ${isoTime(at)}` : `Signed up to row ${size - 1}`;
  return { state: stale ? 'warn' : 'ok', text, size, at: isoTime(at) };
}

function learningChip(facts: Facts): ChipsJson['learning'] {
  const { active, until } = learningOf(facts);
  if (!active) return { state: 'ok', text: 'Learning window over', active };
  return { state: 'warn', text: until === undefined ? 'Learning' : `Learning until ${isoTime(until)}`, active };
}
