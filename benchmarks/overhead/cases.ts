/** What is measured: one workload file each. */

export interface Case {
  /** Name of its file in workload/. */
  readonly name: string;
  readonly title: string;
  readonly calls: number;
  /** Does a load driver call the program? */
  readonly inbound: boolean;
  readonly outbound: boolean;
  /** µs that the agent may add per call: what is aimed at, what is accepted (docs/benchmarks.md). */
  readonly goalUs: number;
  readonly acceptUs: number;
}

export const LANES = 16;
export const WARM_UP = 2_000;

export const CASES: readonly Case[] = [
  {
    name: 'outbound-http',
    title: 'outbound http, keep-alive',
    calls: 5_000,
    inbound: false,
    outbound: true,
    goalUs: 14,
    acceptUs: 20,
  },
  {
    name: 'outbound-mixed',
    title: 'outbound http, 1,000 URLs of 20 packages',
    calls: 5_000,
    inbound: false,
    outbound: true,
    goalUs: 14,
    acceptUs: 20,
  },
  {
    name: 'outbound-fetch',
    title: 'outbound fetch',
    calls: 3_000,
    inbound: false,
    outbound: true,
    goalUs: 16,
    acceptUs: 22,
  },
  {
    name: 'inbound-hello',
    title: 'inbound hello',
    calls: 6_000,
    inbound: true,
    outbound: false,
    goalUs: 4,
    acceptUs: 6,
  },
  {
    name: 'inbound-with-outbound',
    title: 'inbound with 1 outbound',
    calls: 4_000,
    inbound: true,
    outbound: true,
    goalUs: 20,
    acceptUs: 30,
  },
];

/** Start-up: CPU in ms and resident memory in MiB that the agent may add. */
export const START_UP = { goalMs: 15, acceptMs: 30, goalMiB: 6, acceptMiB: 10 } as const;
