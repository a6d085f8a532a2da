/** Branches that no input of the fuzzer reaches, and why: the one place that lists them. */
import type { Branch } from './branches.ts';

interface Reason {
  readonly file: string;
  /** Functions all of whose branches are meant. */
  readonly within?: readonly string[];
  /** What a branch begins with. */
  readonly words?: readonly string[];
  readonly why: string;
}

const GUARD = 'the type asks for it: no value can be absent there';
const WRITER = 'used by writers alone';
const STORE = 'of a store, whose tables are the matter of the claims tamper and mutation';
const MANY_NOTES = 'takes more than 1,000 signed notes: tests of the verifier and the claim tamper';
const verifier = (name: string): string => `packages/verifier/src/${name}.ts`;
const spool = (name: string): string => `packages/spool/src/${name}.ts`;

const REASONS: readonly Reason[] = [
  { file: verifier('leaf-shape'), words: ["'').split", "''))"], why: GUARD },
  { file: verifier('ledger'), words: ['0);', '0, now);', 'undefined;'], why: GUARD },
  { file: verifier('ledger'), within: ['row'], why: STORE },
  { file: verifier('ledger'), words: ['this.#unchecked', 'this.#report.notChecked(`signatures of'], why: MANY_NOTES },
  { file: verifier('merkle'), words: ['0)) {'], why: GUARD },
  { file: verifier('merkle'), within: ['root'], why: 'the root of no rows: no note is over none' },
  { file: verifier('note'), words: ['0) & 0x7f', 'y).toReversed'], why: GUARD },
  { file: verifier('pins'), within: ['finishMarks'], why: `the high-water ${STORE}` },
  { file: verifier('split-view'), words: ['logKey)', "'', crypto)"], why: GUARD },
  {
    file: verifier('verify-bundle'),
    words: ['throw new FormError(`more than ${NOTES} notes`)'],
    why: 'takes 50,001 notes: the claim tamper',
  },
  {
    file: verifier('verify-bundle'),
    words: ['throw new FormError(`a text is longer than'],
    why: 'takes a text of more than 4 MiB: the claim tamper',
  },
  {
    file: verifier('verify-proof'),
    words: ['`unexpected failure'],
    why: 'nothing there throws, except the signature check of an old browser',
  },
  { file: verifier('predecessor'), words: ["''}`", "'no ledger before'"], why: GUARD },
  { file: verifier('compare'), words: ['[]'], why: GUARD },
  {
    file: verifier('node/note-sources'),
    words: ['undefined) as Uint8Array', 'throw new Error(`the pages of', '[] : createReadStream'],
    why: STORE,
  },
  {
    file: spool('frame'),
    within: ['frameText', 'writeFrame', 'bodyAt', 'digitsOf', 'putLength', 'putChecksum'],
    why: WRITER,
  },
  { file: spool('frame'), words: ['0;'], why: GUARD },
  { file: spool('name'), within: ['writerName', 'segmentName'], why: WRITER },
  { file: spool('reader'), words: ['0) |', '0);'], why: 'of Windows' },
  {
    file: spool('reader'),
    words: ['continue;', 'break;'],
    within: ['stat'],
    why: 'a file that goes or shrinks while it is read',
  },
  { file: spool('reader'), words: ['-1 : 1));'], why: 'the system gives the names in order' },
  { file: spool('reader'), words: ["'';"], why: GUARD },
  { file: 'packages/event/dist/canonical.js', words: ['continue;'], why: WRITER },
  { file: 'packages/event/dist/shape.js', words: ['[])]) {'], why: GUARD },
];

export function whyUnreached(file: string, { words, within }: Branch): string | undefined {
  const isMeant = (one: Reason): boolean =>
    one.file === file &&
    (one.within?.includes(within) === true || one.words?.some((start) => words.startsWith(start)) === true);
  return REASONS.find(isMeant)?.why;
}
