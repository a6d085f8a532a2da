/** Every size and age that bounds a spool. */
export interface SpoolLimits {
  /** A segment that passes this is ended. */
  segmentBytes: number;
  /** All segments of one process that are still on disk. */
  processBytes: number;
  /** All segments in the directory, as far as the writer may list it. */
  directoryBytes: number;
  /** A write that takes longer is counted. */
  slowUs: number;
  /** So many slow writes within a minute are a `gap` `degraded`. */
  slowPerMinute: number;
  /** A drained segment stays so long unless room is needed. */
  drainedMs: number;
}

const MIB = 1024 * 1024;

export const SPOOL_LIMITS: SpoolLimits = {
  segmentBytes: 16 * MIB,
  processBytes: 256 * MIB,
  directoryBytes: 1024 * MIB,
  slowUs: 50_000,
  slowPerMinute: 10,
  drainedMs: 24 * 3600 * 1000,
};
