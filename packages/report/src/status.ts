import { chipsOf } from './chips.ts';
import { writersJson } from './coverage.ts';
import type { Facts } from './facts.ts';
import { learningJson, predecessorJson } from './report.ts';
import { isoTime } from './sentences.ts';
import {
  type CollectorJson,
  type LedgerJson,
  type RetentionJson,
  STATUS_SCHEMA_VERSION,
  type StatusJson,
  type VerificationJson,
} from './status-json.ts';
import { judgeFacts } from './verdict.ts';

/** What only the owner of the data directory knows. */
export interface StatusInput {
  /** Absolute path of the data directory. */
  readonly data: string;
  readonly collector: CollectorJson;
  readonly ledger: Pick<LedgerJson, 'bytes' | 'epoch' | 'lastRowAt'>;
  readonly retention: RetentionJson;
  /** SHA-256 of the catalogue in force. */
  readonly catalogue: string | null;
}

/** Builds the object of `status --json`; pure. `facts` cover the last 24 hours and all applications. */
export function buildStatus(facts: Facts, input: StatusInput): StatusJson {
  const { verdict, reasons } = judgeFacts(facts);
  const { ledger, settings } = facts;
  const { size, at } = ledger.checkpoint;
  return {
    schemaVersion: STATUS_SCHEMA_VERSION,
    generatedAt: isoTime(facts.now),
    data: input.data,
    collector: input.collector,
    ledger: {
      ...input.ledger,
      origin: ledger.origin,
      size: ledger.size,
      firstRowAt: ledger.firstRowAt === undefined ? null : isoTime(ledger.firstRowAt),
      checkpoint: { size, at: at === undefined ? null : isoTime(at) },
      predecessor: predecessorJson(facts),
    },
    retention: input.retention,
    verification: verificationJson(facts),
    verdict,
    reasons: reasons.map(({ id, severity, text, action, count }) => ({ id, severity, text, action, count })),
    chips: chipsOf(facts),
    learning: learningJson(facts),
    writers: writersJson(facts.writers.filter(({ state }) => state === 'live' || state === 'silent')),
    settings: {
      generation: settings.generation,
      enabled: settings.enabled,
      strict: settings.strict,
      disabledChannels: [...settings.disabledChannels],
      learnDays: settings.learnDays,
      bodyCapture: ledger.bodyCapture,
      catalogue: input.catalogue,
    },
  };
}

function verificationJson({ ledger }: Facts): VerificationJson {
  const { verification: run, wholeVerification: whole } = ledger;
  if (run === undefined) return { verdict: null, exit: null, at: null, range: null, whole: null, findings: [] };
  return {
    verdict: run.verdict,
    exit: run.exit,
    at: isoTime(run.at),
    range: [run.range[0], run.range[1]],
    whole: whole === undefined ? null : { verdict: whole.verdict, exit: whole.exit, at: isoTime(whole.at) },
    findings: run.findings.map((finding) => ({ ...finding })),
  };
}
