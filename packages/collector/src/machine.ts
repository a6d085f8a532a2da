import { readFileSync } from 'node:fs';
import { homedir, uptime } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { Clock } from '@outwitness/ledger';

/** Id of this boot of the machine; on systems without one, the time of boot to the minute. */
export function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    const booted = Date.now() - Number(process.hrtime.bigint() / 1_000_000n);
    return `booted-${new Date(Math.floor(booted / 60_000) * 60_000).toISOString()}`;
  }
}

/** The machine's clocks in µs. `wall` follows a clock that is set and is exact to the ms. */
export function machineClock(): Clock {
  return {
    wall: () => Date.now() * 1_000,
    // Goes on while the machine sleeps, as the wall clock does: sleep is no clock step.
    monotonic: () => Math.round(uptime() * 1_000_000),
  };
}

/** Where this user's programs keep state between runs (XDG Base Directory). */
export function stateFolder(): string {
  const { XDG_STATE_HOME: state = '' } = process.env;
  return isAbsolute(state) ? state : join(homedir(), '.local/state');
}
