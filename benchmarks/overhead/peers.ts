/** The same workloads under what people run today, side by side with the agent, in turn. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

import type { NodeBinary } from '../../claims/system/node-binaries.ts';
import { calls, verify } from '../../claims/system/outwitness.ts';
import { temporaryFolder } from '../../claims/system/temporary-folder.ts';
import type { Case } from './cases.ts';
import { median, runWorkload, startStub } from './measure.ts';

export const PEERS = ['opentelemetry', 'zen', 'dd-trace'] as const;
type Peer = (typeof PEERS)[number];
const FOLDER = join(import.meta.dirname, '../peers');

export interface Compared {
  /** CPU per call without anything, µs, median over the rounds. */
  readonly withoutUs: number;
  /** What each adds to it. */
  readonly addedUs: { readonly [who in 'outwitness' | Peer]: number };
  /** Of the runs under the agent, and of those under OpenTelemetry. */
  readonly requests: number;
  readonly rows: number;
  readonly verified: boolean;
  readonly spansExpected: number;
  readonly spans: number;
  /** Traces that reached dd-trace's side before the process ended. */
  readonly traces: number;
}

/** One round is one run of each, in an order that turns. */
export async function comparePeers(one: Case, node: NodeBinary, rounds: number): Promise<Compared> {
  await using stub = await startStub();
  await using sink = await startTraceSink();
  const us = new Map<string, number[]>();
  const seen = { requests: 0, rows: 0, verified: true, spansExpected: 0, spans: 0 };
  const runs = ['none', 'outwitness', ...PEERS] as const;
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < runs.length; turn++) {
      const who = runs[(turn + round) % runs.length] ?? 'none';
      using folder = temporaryFolder('peers');
      const data = who === 'outwitness' ? join(folder.path, 'data') : undefined;
      const count = join(folder.path, 'count');
      const isPeer = who !== 'none' && who !== 'outwitness';
      const env = isPeer ? peerEnvironment(who, count, sink.url) : {};
      const before = await stub.requests();
      const { cpuUs, answered } = await runWorkload(one, node, stub.port, data, env);
      us.set(who, [...(us.get(who) ?? []), cpuUs / one.calls]);
      const exchanged = (await stub.requests()) - before + answered;
      if (data !== undefined) {
        seen.requests += exchanged;
        for (const direction of ['in', 'out'] as const) seen.rows += (await calls(data, direction)).length;
        seen.verified &&= (await verify(data)).exit === 10;
      }
      if (who === 'opentelemetry') {
        seen.spansExpected += exchanged;
        seen.spans += Number(readFileSync(count, 'utf8'));
      }
    }
  }
  const of = (who: string): number => median(us.get(who) ?? []);
  const withoutUs = of('none');
  const added = (who: string): number => of(who) - withoutUs;
  const addedUs = {
    outwitness: added('outwitness'),
    opentelemetry: added('opentelemetry'),
    zen: added('zen'),
    'dd-trace': added('dd-trace'),
  };
  return { withoutUs, addedUs, ...seen, traces: sink.traces() };
}

function peerEnvironment(peer: Peer, count: string, url: string): Readonly<Record<string, string>> {
  return {
    NODE_OPTIONS: `--require ${join(FOLDER, `${peer}.cjs`)}`,
    PEER_COUNT: count,
    PEER_URL: url,
    DD_INSTRUMENTATION_TELEMETRY_ENABLED: 'false',
    DD_REMOTE_CONFIGURATION_ENABLED: 'false',
    DD_TRACE_SAMPLE_RATE: '1',
  };
}

interface TraceSink extends AsyncDisposable {
  readonly url: string;
  traces(): number;
}

/** Takes what dd-trace sends, and counts the traces that its header names. */
async function startTraceSink(): Promise<TraceSink> {
  let traces = 0;
  const server = createServer((request, response) => {
    traces += Number(request.headers['x-datadog-trace-count'] ?? 0);
    request.resume().on('end', () => response.end('{"rate_by_service":{}}'));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    traces: () => traces,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
