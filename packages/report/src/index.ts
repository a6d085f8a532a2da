/** The meaning of the record: catalogue, manifests, rollup, verdict rules and baseline, as pure functions. */
export * from './catalogue.ts';
export * from './default-catalogue.ts';
export type * from './errors.ts';
export type { Facts, SettingsFact } from './facts.ts';
export { addEntries, fold, keyText, MAX_HOSTS } from './fold.ts';
export { gather, type ReportRequest } from './gather.ts';
export { isPrivate, parseIp } from './ip.ts';
export { type JudgeInput, makeJudge } from './judge.ts';
export { declaredBy, type Endpoint, endpointsFor, type Manifest, parseManifest } from './manifest.ts';
export * from './pair.ts';
export { addPairs } from './pairs-seen.ts';
export * from './report-json.ts';
export { isOwnPackage, isSelf, SELF_APP, type SelfDeclared } from './self.ts';
export type * from './source.ts';
export * from './status-json.ts';
export { judgeFacts } from './verdict.ts';
export { type Liveness, writerName, writersOf } from './writers.ts';
