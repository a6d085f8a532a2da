/** The meaning of the record: catalogue, manifests, rollup, verdict rules and baseline, as pure functions. */
export * from './report-json.ts';
export * from './status-json.ts';
