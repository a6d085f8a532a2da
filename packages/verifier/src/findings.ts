/** The verdicts, worst first, with their exit codes and the codes of the findings that alone would give them. */
const TABLE = {
  TAMPERED: [
    20,
    'leaf-hash leaf-canonical leaf-shape seq chain ledger-id genesis predecessor note signature key epoch root truncated seal pending writers spools schema column rollup nodes text leaf-gone split-view bundle',
  ],
  ROLLBACK: [21, 'high-water log-ahead pin-ahead'],
  POLICY: [22, 'vacuum-range vacuum-unsigned vacuum-age vacuum-floor erase-row'],
  UNVERIFIABLE: [30, 'empty no-note unreadable version'],
  INCOMPLETE: [12, 'gap tail subset dropped'],
  STALE: [11, 'stale'],
  UNANCHORED: [10, 'unanchored'],
  VERIFIED: [0, ''],
} as const;

type Words<Text extends string> = Text extends `${infer Word} ${infer Rest}` ? Word | Words<Rest> : Exclude<Text, ''>;
export type Verdict = keyof typeof TABLE;
export type Code = Words<(typeof TABLE)[Verdict][1]>;

const ENTRIES = Object.entries(TABLE) as [Verdict, readonly [exit: number, codes: string]][];
export const VERDICTS = Object.fromEntries(ENTRIES.map(([verdict, [exit]]) => [verdict, exit])) as {
  [verdict in Verdict]: number;
};
/** Every finding there is, with its severity. The table of verification.md says the same. */
export const CODES = Object.fromEntries(
  ENTRIES.flatMap(([verdict, [, codes]]) => (codes.match(/\S+/g) ?? []).map((code) => [code, verdict])),
) as { [code in Code]: Verdict };

/** One finding; `severity` is the verdict it would give alone, `seq` is −1 where no row is meant. */
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
  /** Only of a successor. */
  predecessor?: Predecessor;
}

/** The ledger before, by the word of the genesis row, and what its evidence showed if that was given. */
interface Predecessor {
  origin: string;
  /** Of its last note. */
  size: number;
  verdict: string;
  why: string;
  /** Text of that note, a pin for the ledger before; `''` if it is none. */
  note: string;
  evidence: { verdict: Verdict; exit: number; size: number; findings: number } | null;
}

export const NO_EVIDENCE = 'the ledger before this one: no evidence of it was at hand';
const ANYBODY =
  'that whoever began this ledger had any right to name the one before it, and that no other one names it too';

const LISTED = 100;
const SHOWN_CHARACTERS = 200;

/** Collects what a verification finds. An attacker chooses much of what is said, so all of it is bounded. */
export class Report {
  origin = '';
  size = 0;
  range: [number, number] = [0, 0];
  pinned = false;
  predecessor: Predecessor | undefined;
  readonly #findings: Finding[] = [];
  readonly #counts = new Map<Code, number>();
  readonly #notChecked = new Set<string>();

  add(code: Code, seq: number, text: string, expected: string | number = '', got: string | number = ''): void {
    const count = (this.#counts.get(code) ?? 0) + 1;
    this.#counts.set(code, count);
    if (count > LISTED) return;
    this.#findings.push(finding(code, seq, text, `${expected}`, `${got}`));
  }

  has(code: Code): boolean {
    return this.#counts.has(code);
  }

  notChecked(text: string): void {
    if (this.#notChecked.size < LISTED) this.#notChecked.add(shorten(text));
  }

  result(): Result {
    for (const [code, count] of this.#counts)
      if (count > LISTED) this.#findings.push(finding(code, -1, `${count - LISTED} more of this code`));
    const findings = this.#findings;
    const { origin, size, range, pinned, predecessor } = this;
    const before = predecessor === undefined ? {} : { predecessor };
    const unsure = predecessor === undefined ? [] : [NO_EVIDENCE, ANYBODY];
    const notChecked = [...this.#notChecked, ...unsure, 'that the audited process told the truth'];
    return { schemaVersion: 1, ...judged(findings), origin, size, range, pinned, findings, notChecked, ...before };
  }
}

export function finding(code: Code, seq: number, text: string, expected = '', got = ''): Finding {
  return {
    code,
    severity: CODES[code],
    seq,
    expected: shorten(expected),
    got: shorten(got),
    text: shorten(text),
  };
}

/** The verdict that findings give together. */
export function judged(findings: readonly Finding[]): { verdict: Verdict; exit: number } {
  const found = new Set(findings.map(({ severity }) => severity));
  const verdict = ENTRIES.find(([one]) => found.has(one))?.[0] ?? 'VERIFIED';
  return { verdict, exit: VERDICTS[verdict] };
}

function shorten(text: string): string {
  return text.length <= SHOWN_CHARACTERS ? text : `${text.slice(0, SHOWN_CHARACTERS)}…`.toWellFormed();
}

/** Waits for a judgement; what it throws is a finding too. */
export async function concluded(
  report: Report,
  judging: Promise<void>,
  say: (error: Error) => string,
  code: (error: Error) => Code = () => 'unreadable',
): Promise<Result> {
  try {
    await judging;
  } catch (error) {
    report.add(code(error as Error), -1, say(error as Error));
  }
  return report.result();
}

/** A wrong argument of the caller, never a fault of the evidence. */
export class UsageError extends Error {
  override name = 'UsageError';
}
