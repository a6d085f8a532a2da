/** The HTTP API of the Trust Report: sessions, roles and live updates. */
export {
  type Access,
  type Issued,
  type IssuedWanted,
  type Issuer,
  ISSUER_SETTINGS,
  type LinkWanted,
  type Session,
  type Who,
} from './access.ts';
export { type AccessEntries, AccessTable, type SessionEntry, sessionId, type TokenEntry } from './access-table.ts';
export type {
  Backend,
  Bound,
  ControlEntry,
  ReportQuery,
  RowFilter,
  RowsQuery,
  SettingChanges,
  TrafficAsked,
  Witness,
} from './backend.ts';
export { ApiError, type ApiErrorCode, type ServerErrorCode } from './errors.ts';
export { LIMITS } from './limits.ts';
export { MemoryAccess } from './memory-access.ts';
export { digestOf, newSecret } from './secrets.ts';
export { createServer, type RunningServer, type ServerOptions, type SignInLink } from './server.ts';
export type * from './wire.ts';
