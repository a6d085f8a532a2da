/** The meaning of the record: catalogue, manifests, rollup, verdict rules and baseline, as pure functions. */
export {};
