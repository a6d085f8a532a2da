/** The verdicts, worst first, with the exit code of each. */
export const VERDICTS = {
  TAMPERED: 20,
  ROLLBACK: 21,
  POLICY: 22,
  UNVERIFIABLE: 30,
  INCOMPLETE: 12,
  STALE: 11,
  UNANCHORED: 10,
  VERIFIED: 0,
} as const;

export type Verdict = keyof typeof VERDICTS;

/** Every finding there is, with the verdict it would give alone. The table of verification.md says the same. */
export const CODES = {
  'leaf-hash': 'TAMPERED',
  'leaf-canonical': 'TAMPERED',
  'leaf-shape': 'TAMPERED',
  seq: 'TAMPERED',
  chain: 'TAMPERED',
  'ledger-id': 'TAMPERED',
  genesis: 'TAMPERED',
  note: 'TAMPERED',
  signature: 'TAMPERED',
  key: 'TAMPERED',
  epoch: 'TAMPERED',
  root: 'TAMPERED',
  truncated: 'TAMPERED',
  seal: 'TAMPERED',
  pending: 'TAMPERED',
  writers: 'TAMPERED',
  schema: 'TAMPERED',
  column: 'TAMPERED',
  rollup: 'TAMPERED',
  nodes: 'TAMPERED',
  text: 'TAMPERED',
  'split-view': 'TAMPERED',
  bundle: 'TAMPERED',
  'log-ahead': 'ROLLBACK',
  'pin-ahead': 'ROLLBACK',
  empty: 'UNVERIFIABLE',
  'no-note': 'UNVERIFIABLE',
  unreadable: 'UNVERIFIABLE',
  version: 'UNVERIFIABLE',
  gap: 'INCOMPLETE',
  tail: 'INCOMPLETE',
  subset: 'INCOMPLETE',
  dropped: 'INCOMPLETE',
  stale: 'STALE',
  unanchored: 'UNANCHORED',
} as const;

export type Code = keyof typeof CODES;

/** One finding; `seq` is −1 where no row is meant. */
export interface Finding {
  code: Code;
  severity: Verdict;
  seq: number;
  expected: string;
  got: string;
  text: string;
}

/** The result of a verification, as verification.md describes it. */
export interface Result {
  schemaVersion: 1;
  verdict: Verdict;
  exit: number;
  origin: string;
  size: number;
  range: [from: number, to: number];
  pinned: boolean;
  findings: Finding[];
  notChecked: string[];
}

const LISTED_PER_CODE = 100;
/** An attacker chooses what words a leaf holds, so what they can add to the list is bounded. */
const NOT_CHECKED_LISTED = 100;
const SHOWN_CHARACTERS = 200;

/** Collects what a verification finds; one per run. */
export class Report {
  origin = '';
  size = 0;
  range: [number, number] = [0, 0];
  pinned = false;
  readonly #findings: Finding[] = [];
  readonly #counts = new Map<Code, number>();
  readonly #notChecked = new Set<string>();

  add(code: Code, seq: number, text: string, expected = '', got = ''): void {
    const count = (this.#counts.get(code) ?? 0) + 1;
    this.#counts.set(code, count);
    if (count > LISTED_PER_CODE) return;
    this.#findings.push({
      code,
      severity: CODES[code],
      seq,
      expected: shorten(expected),
      got: shorten(got),
      text: shorten(text),
    });
  }

  has(code: Code): boolean {
    return this.#counts.has(code);
  }

  notChecked(text: string): void {
    if (this.#notChecked.size < NOT_CHECKED_LISTED) this.#notChecked.add(shorten(text));
  }

  result(): Result {
    const findings = [...this.#findings];
    for (const [code, count] of this.#counts) {
      const more = count - LISTED_PER_CODE;
      if (more <= 0) continue;
      findings.push({ code, severity: CODES[code], seq: -1, expected: '', got: '', text: `${more} more of this code` });
    }
    const verdict =
      (Object.keys(VERDICTS) as Verdict[]).find((v) => findings.some((f) => f.severity === v)) ?? 'VERIFIED';
    const { origin, size, range, pinned } = this;
    const notChecked = [...this.#notChecked, 'that the audited process told the truth'];
    return { schemaVersion: 1, verdict, exit: VERDICTS[verdict], origin, size, range, pinned, findings, notChecked };
  }
}

function shorten(text: string): string {
  return text.length <= SHOWN_CHARACTERS ? text : `${text.slice(0, SHOWN_CHARACTERS)}…`.toWellFormed();
}

/** A wrong argument of the caller, never a fault of the evidence. */
export class UsageError extends Error {
  override name = 'UsageError';
}
