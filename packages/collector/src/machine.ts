import { readFileSync } from 'node:fs';
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
    monotonic: () => Number(process.hrtime.bigint() / 1_000n),
  };
}
