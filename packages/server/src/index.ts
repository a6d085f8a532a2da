/** The HTTP API of the Trust Report: sessions, roles and live updates. */
export type { Backend, Bound, ControlEntry, ReportQuery, RowFilter, RowsQuery } from './backend.ts';
export { ApiError, type ApiErrorCode, type ServerErrorCode } from './errors.ts';
export { createServer, type RunningServer, type ServerOptions, type SignInLink } from './server.ts';
export type * from './wire.ts';
