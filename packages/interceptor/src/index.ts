/** THE WATCHER: patches of the Node.js network internals, fail-open, with ports for attribution, redaction and output. Imports `node:` and `@outwitness/event` only. */
export { type Clock, systemClock } from './clock.ts';
export type { Guards, Point, Watch } from './guard.ts';
export { install, type InstallOptions, type Watcher } from './install.ts';
export { apply, construct, withOwnBuiltins } from './own-builtins.ts';
export type {
  Attributor,
  CallKey,
  Children,
  Draft,
  Numbered,
  Origin,
  Ports,
  Program,
  RedactedTarget,
  RedactionPolicy,
  Sink,
  Target,
  ThreadStart,
} from './ports.ts';
export { onRequire, type Required } from './requires.ts';
export { createStamp, type Stamp } from './stamp.ts';
