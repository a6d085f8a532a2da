/** The stand-alone verifier of Outwitness evidence: no dependency, no code shared with the writer. */
export type { Comparison, Relation } from './compare.ts';
export type { Crypto } from './crypto-port.ts';
export { CODES, type Code, type Finding, type Result, UsageError, type Verdict, VERDICTS } from './findings.ts';
export { nodeCrypto } from './node/node-crypto.ts';
export { verifyBundle, type VerifyOptions } from './verify-bundle.ts';
export { type PathOptions, verifyPath } from './node/verify-path.ts';
export { verifyProof } from './verify-proof.ts';
export { comparePaths } from './node/compare-paths.ts';
export { verifySplitView } from './split-view.ts';
