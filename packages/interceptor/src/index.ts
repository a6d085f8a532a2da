/** The watcher: patches of the Node.js network internals, fail-open, with ports for attribution, redaction and output. */
export {};
