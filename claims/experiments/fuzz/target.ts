/** The verifier and the reader of spool files as they stand in this repository. */
import {
  comparePaths, nodeCrypto, verifyBundle, verifyPath, verifyProof, verifySplitView,
} from '../../../packages/verifier/src/index.ts'; // prettier-ignore
import { compare } from '../../../packages/verifier/src/compare.ts';
import { parseNote } from '../../../packages/verifier/src/note.ts';
import { verifyBlob } from '../../../packages/verifier/src/page/verify-blob.ts';
import { SpoolReader } from '../../../packages/spool/src/reader.ts';
import { scan } from '../../../packages/spool/src/scan.ts';
import type { Target } from './kind.ts';

export const target: Target = {
  crypto: nodeCrypto,
  verifyBundle,
  verifyProof,
  verifySplitView,
  comparePaths,
  parseNote,
  compare,
  verifyPath,
  verifyBlob,
  SpoolReader,
  scan,
};
