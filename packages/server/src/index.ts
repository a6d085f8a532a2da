/** The HTTP API of the Trust Report: sessions, roles and live updates. */
export type { Backend, Bound, ControlEntry, ReportQuery, RowFilter, RowsQuery } from './backend.ts';
export type * from './wire.ts';
