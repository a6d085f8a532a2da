/** COMPOSITION ROOT of the writing process: lock, drain loop, keys, settings, launch and verification of its own ledger. */
export { readPeople } from './access/read-people.ts';
export { readShownSettings } from './shown-settings.ts';
export { addAcknowledged, readAcknowledged } from './acknowledged-file.ts';
export { type Alive, readAlive } from './alive-file.ts';
export { findCommand, requireCommand } from './command.ts';
export { Collector, type CollectorOptions } from './collector.ts';
export { askOrPerform } from './control/ask-or-perform.ts';
export type { Actor, ControlAnswer, ControlRequest } from './control/requests.ts';
export {
  createDataDir,
  type DataDir,
  dataDirAt,
  type DataDirOptions,
  movedCheckpoints,
  requireLedger,
} from './data-dir.ts';
export { issuerKeyPath, removeIssuerKey, writeIssuerKey } from './issuer-key-file.ts';
export { idleAfter } from './idle.ts';
export type { CollectorErrorCode } from './errors.ts';
export { type Ended, launch, type Launched, type LaunchOptions } from './launch.ts';
export { catalogueInForce, factsOf, makeReport, type ReportAsked } from './make-report.ts';
export { processAlive } from './process-alive.ts';
export { type LedgerReading, readLedger } from './read-only.ts';
export { type Beside, serveBeside, serveEvidence } from './served-beside.ts';
export type { RetentionRun } from './retaining.ts';
export { succeed, type Succession } from './succeed.ts';
export { type AppUser, findUser } from './run-as.ts';
export { type EffectiveSettings, readSettings, type Settings, type SettingsInput } from './settings.ts';
export { runVerifier, type VerifierResult } from './verification.ts';
