/** A kind of input: how one is made and what is wrong with what a verifier or reader says of it. */
import type { nodeCrypto, verifyBundle, verifyProof, verifySplitView } from '../../../packages/verifier/src/index.ts';
import type { comparePaths, verifyPath } from '../../../packages/verifier/src/index.ts';
import type { compare } from '../../../packages/verifier/src/compare.ts';
import type { parseNote } from '../../../packages/verifier/src/note.ts';
import type { verifyBlob } from '../../../packages/verifier/src/page/verify-blob.ts';
import type { SpoolReader } from '../../../packages/spool/src/reader.ts';
import type { scan } from '../../../packages/spool/src/scan.ts';
import type { Dice } from './dice.ts';

/** What is fuzzed. A test puts a defect in the place of one of these. */
export interface Target {
  readonly crypto: typeof nodeCrypto;
  readonly verifyBundle: typeof verifyBundle;
  readonly verifyProof: typeof verifyProof;
  readonly verifySplitView: typeof verifySplitView;
  readonly comparePaths: typeof comparePaths;
  readonly parseNote: typeof parseNote;
  readonly compare: typeof compare;
  readonly verifyPath: typeof verifyPath;
  readonly verifyBlob: typeof verifyBlob;
  readonly SpoolReader: typeof SpoolReader;
  readonly scan: typeof scan;
}

export interface Said {
  /** Of it the verdict, for the table. */
  readonly verdict: string;
  /** Was it taken for what it says it is? */
  readonly accepted: boolean;
  /** What it differs in from what was written, though nothing signs that: the paragraph that says so. */
  readonly uncovered?: readonly string[];
  /** Why it must not be said. */
  readonly wrong?: string | undefined;
}

export interface Made {
  /** Classes of the fields that were mutated. */
  readonly how: readonly string[];
  /** For people who run one input again. */
  readonly bytes: Uint8Array;
  judge(target: Target): Said | Promise<Said>;
}

export interface Kind {
  readonly name: string;
  /** Its part of all inputs, beside the shares of the others. */
  readonly share: number;
  /** @param folder of this thread alone */
  make(dice: Dice, folder: string): Made;
}

/** What a result promises whatever the input was (verification.md, "Result"). */
export function malformed(result: {
  verdict: string; exit: number; findings: readonly { code: string; severity: string; expected: string; got: string; text: string }[]; notChecked: readonly string[];
}): string | undefined {
  const { verdict, findings, notChecked } = result;
  if (EXITS[verdict] !== result.exit) return `the exit code of ${verdict} is ${result.exit}`;
  if (findings.length > 0 && !findings.some(({ severity }) => severity === verdict)) return 'the verdict is that of no finding';
  const counts = new Map<string, number>();
  for (const { code } of findings) counts.set(code, (counts.get(code) ?? 0) + 1);
  if ([...counts.values()].some((count) => count > 101)) return 'more than 100 findings of one code';
  const texts = [...findings.flatMap(({ expected, got, text }) => [expected, got, text]), ...notChecked];
  const long = texts.find((text) => text.length > 201 || !text.isWellFormed());
  return long === undefined ? undefined : `a text of ${long.length} characters, or one that is not well formed`;
} // prettier-ignore

const EXITS: Readonly<Record<string, number>> = {
  VERIFIED: 0, UNANCHORED: 10, STALE: 11, INCOMPLETE: 12, TAMPERED: 20, ROLLBACK: 21, POLICY: 22, UNVERIFIABLE: 30,
}; // prettier-ignore

/** Is the evidence taken for genuine, as far as it goes? */
export const isAccepting = ({ exit }: { exit: number }): boolean => exit < 20;
