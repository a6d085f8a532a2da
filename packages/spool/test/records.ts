import * as fc from 'fast-check';
import { CHANNELS, OUTCOMES, type SpoolRecord } from '@outwitness/event';
import type { Unnumbered } from '../src/index.ts';

const text = (maxLength: number): fc.Arbitrary<string> =>
  fc.oneof(
    fc.string({ maxLength }),
    fc.string({ unit: 'binary', maxLength }),
    fc.stringMatching(/^[a-z0-9./-]{0,30}$/),
  );
const whole = fc.nat({ max: Number.MAX_SAFE_INTEGER });

const open: fc.Arbitrary<Unnumbered> = fc.record(
  {
    kind: fc.constant('open' as const),
    time: whole,
    call: whole,
    direction: fc.constantFrom('in' as const, 'out' as const),
    channel: fc.constantFrom(...CHANNELS),
    host: text(400),
    port: fc.nat({ max: 65535 }),
    path: text(1500),
    queryKeys: fc.array(text(80), { maxLength: 70 }),
    package: text(20),
  },
  { requiredKeys: ['kind', 'time', 'call', 'direction', 'channel'] },
);
const claim: fc.Arbitrary<Unnumbered> = fc.record({
  kind: fc.constant('claim' as const),
  time: whole,
  call: whole,
  conn: whole,
});
const done: fc.Arbitrary<Unnumbered> = fc.record(
  {
    kind: fc.constant('done' as const),
    time: whole,
    call: whole,
    outcome: fc.constantFrom(...OUTCOMES),
    status: whole,
    error: text(70),
  },
  { requiredKeys: ['kind', 'time', 'call', 'outcome'] },
);
const pkg: fc.Arbitrary<Unnumbered> = fc.record(
  {
    kind: fc.constant('pkg' as const),
    time: whole,
    package: text(30),
    manifest: fc.oneof(text(200), fc.constant('"'.repeat(32_768)), fc.constant('ü'.repeat(20_000))),
  },
  { requiredKeys: ['kind', 'time', 'package'] },
);

/** Records as an agent hands them over, strings neither cleaned nor cut. */
export const unnumbered: fc.Arbitrary<Unnumbered> = fc.oneof(open, claim, done, pkg);

/** A record made up for tests that look at numbers only. */
export function call(number: number): Unnumbered<Extract<SpoolRecord, { kind: 'open' }>> {
  return {
    kind: 'open',
    time: 1_700_000_000_000_000 + number,
    call: number,
    direction: 'out',
    channel: 'http',
    host: 'api.example.com',
  };
}
