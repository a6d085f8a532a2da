/** Both clocks of a record, in whole microseconds. */
export interface Clock {
  /** Since 1970 UTC. */
  wall(): number;
  /** Since an arbitrary moment; never steps. */
  monotonic(): number;
}

// Taken once: an application that replaces `performance` or `Date` for its tests must not move our time.
const now = performance.now.bind(performance);
const wallNow = Date.now;

export const systemClock: Clock = {
  wall: () => wallNow() * 1000,
  monotonic: () => Math.round(now() * 1000),
};
