/** The verdicts, worst first, with their exit codes and the codes of the findings that alone would give them. */
const TABLE = {
  TAMPERED: [
    20,
    'leaf-hash leaf-canonical leaf-shape seq chain ledger-id genesis note signature key epoch root truncated seal pending writers schema column rollup nodes text split-view bundle',
  ],
  ROLLBACK: [21, 'log-ahead pin-ahead'],
  POLICY: [22, ''],
  UNVERIFIABLE: [30, 'empty no-note unreadable version'],
  INCOMPLETE: [12, 'gap tail subset dropped'],
  STALE: [11, 'stale'],
  UNANCHORED: [10, 'unanchored'],
  VERIFIED: [0, ''],
} as const;

type Words<Text extends string> = Text extends `${infer Word} ${infer Rest}` ? Word | Words<Rest> : Exclude<Text, ''>;
export type Verdict = keyof typeof TABLE;
export type Code = Words<(typeof TABLE)[Verdict][1]>;

export const VERDICTS: Record<Verdict, number> = mapTable((verdict, exit) => [[verdict, exit]]);
/** Every finding there is, with its severity. The table of verification.md says the same. */
export const CODES: Record<Code, Verdict> = mapTable((verdict, _, codes) =>
  codes.split(' ').flatMap((code) => (code === '' ? [] : [[code, verdict]])),
);

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
}

const LISTED = 100;
const SHOWN_CHARACTERS = 200;

/** Collects what a verification finds. An attacker chooses much of what is said, so all of it is bounded. */
export class Report {
  origin = '';
  size = 0;
  range: [number, number] = [0, 0];
  pinned = false;
  readonly #findings: Finding[] = [];
  readonly #counts = new Map<Code, number>();
  readonly #notChecked = new Set<string>();

  add(code: Code, seq: number, text: string, expected: string | number = '', got: string | number = ''): void {
    const count = (this.#counts.get(code) ?? 0) + 1;
    this.#counts.set(code, count);
    if (count > LISTED) return;
    const [said, is, what] = [`${expected}`, `${got}`, text].map((one) => shorten(one)) as [string, string, string];
    this.#findings.push({ code, severity: CODES[code], seq, expected: said, got: is, text: what });
  }

  has(code: Code): boolean {
    return this.#counts.has(code);
  }

  notChecked(text: string): void {
    if (this.#notChecked.size < LISTED) this.#notChecked.add(shorten(text));
  }

  result(): Result {
    const more = [...this.#counts].filter(([, count]) => count > LISTED);
    const findings = [
      ...this.#findings,
      ...more.map(([code, count]): Finding => {
        return {
          code,
          severity: CODES[code],
          seq: -1,
          expected: '',
          got: '',
          text: `${count - LISTED} more of this code`,
        };
      }),
    ];
    const worstFirst = Object.keys(TABLE) as Verdict[];
    const verdict = worstFirst.find((one) => findings.some(({ severity }) => severity === one)) ?? 'VERIFIED';
    const { origin, size, range, pinned } = this;
    const notChecked = [...this.#notChecked, 'that the audited process told the truth'];
    return { schemaVersion: 1, verdict, exit: VERDICTS[verdict], origin, size, range, pinned, findings, notChecked };
  }
}

function mapTable<Key extends string, Value>(
  entries: (verdict: Verdict, exit: number, codes: string) => (readonly [string, Value])[],
): Record<Key, Value> {
  const table = Object.entries(TABLE) as [Verdict, readonly [number, string]][];
  return Object.fromEntries(table.flatMap(([verdict, [exit, codes]]) => entries(verdict, exit, codes))) as Record<
    Key,
    Value
  >;
}

function shorten(text: string): string {
  return text.length <= SHOWN_CHARACTERS ? text : `${text.slice(0, SHOWN_CHARACTERS)}…`.toWellFormed();
}

/** A wrong argument of the caller, never a fault of the evidence. */
export class UsageError extends Error {
  override name = 'UsageError';
}
