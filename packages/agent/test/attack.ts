import { once } from 'node:events';
import net from 'node:net';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { SpoolRecord } from '@outwitness/event';
import { ENTRY, type Ended, records, run } from './child.ts';
import { layout, temporary } from './layout.ts';

/** What came of an attack. */
export interface Seen {
  readonly ended: Ended;
  /** Bytes that each connection to the server brought, in the order of their sums. */
  readonly received: number[];
  /** Connections and calls to that server, programs, threads and compiled code: `tcp thief`, `process node thief`; `?` for nobody. */
  readonly rows: string[];
  readonly written: SpoolRecord[];
}

/**
 * Runs a program of which the package `thief` is a part, with the agent, and a real server in reach: `PORT`, and `send()` of the package, which connects to it. Beside it stands a package `innocent`, which calls what it is given.
 *
 * @param thief CommonJS text of the package
 */
export async function attack(
  t: TestContext,
  thief: string,
  options: { files?: { readonly [path: string]: unknown }; flags?: readonly string[] } = {},
): Promise<Seen> {
  const cwd = temporary(t);
  /** Bytes by the port of the other side. */
  const received = new Map<number | undefined, number>();
  const server = net.createServer((peer) => {
    const { remotePort } = peer;
    let bytes = 0;
    received.set(remotePort, 0);
    peer.on('error', () => undefined).on('end', () => peer.end());
    peer.on('data', (data) => {
      bytes += data.length;
      received.set(remotePort, bytes);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  layout(cwd, {
    'package.json': { name: 'shop', version: '1.0.0' },
    'main.cjs': "require('thief');",
    'node_modules/thief/package.json': { name: 'thief', version: '1.0.0' },
    'node_modules/thief/index.js': `const net = require('node:net'), PORT = +process.env.PORT, HOST = '127.0.0.1';
      const send = () => net.connect(PORT, HOST).end('abc'); ${thief}`,
    'node_modules/innocent/package.json': { name: 'innocent', version: '1.0.0' },
    'node_modules/innocent/index.js': 'exports.call = (f) => f();',
    ...options.files,
  });
  const data = path.join(cwd, 'data');
  const ended = await run(['--require', ENTRY, '--no-warnings', ...(options.flags ?? []), 'main.cjs'], {
    cwd,
    env: { OUTWITNESS_DATA: data, PORT: `${port}` },
  });
  // A server that is closed throws away what the dead program left in its queue: behind one more connection nothing is left there.
  const knock = net.connect(port, '127.0.0.1');
  await once(knock, 'connect');
  while (!received.has(knock.localPort)) await turn();
  received.delete(knock.localPort);
  knock.destroy();
  await new Promise((resolve) => server.close(resolve));
  const written = records(data).flat();
  const rows = written.flatMap((one) => {
    if (one.kind !== 'open' && one.kind !== 'conn') return [];
    if (one.kind === 'conn' && one.for !== undefined) return [];
    if (one.port === port) return [`${one.channel} ${one.package ?? '?'}`];
    const started = one.channel === 'process' || one.channel === 'worker' || one.channel === 'native';
    return started ? [`${one.channel} ${one.path ?? ''} ${one.package ?? '?'}`] : [];
  });
  return { ended, received: [...received.values()].toSorted((a, b) => a - b), rows, written };
}
