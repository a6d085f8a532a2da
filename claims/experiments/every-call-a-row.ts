/** Counts rows against what the servers on the other side received. */
import { join } from 'node:path';

import type { Checks } from '../output/checks.ts';
import { startDnsStub } from '../servers/dns-stub.ts';
import { startLineServer } from '../servers/line-server.ts';
import { startStubServer } from '../servers/stub-server.ts';
import { callSite, installFixture } from '../system/fixture.ts';
import type { NodeBinary } from '../system/node-binaries.ts';
import { audit, calls, verify, type Row } from '../system/outwitness.ts';
import { temporaryFolder } from '../system/temporary-folder.ts';

interface Expected {
  readonly channel: string;
  readonly calls: number;
  readonly package: string;
  readonly version: string;
  readonly author: string;
  /** Function that holds the call. */
  readonly caller: string;
}

const FIFTEEN: readonly Expected[] = [
  {
    channel: 'http',
    calls: 10,
    package: 'ten-requests',
    version: '1.2.3',
    author: 'Ten Ltd',
    caller: 'requestOnce',
  },
  {
    channel: 'undici',
    calls: 3,
    package: 'three-fetches',
    version: '3.0.0',
    author: 'Three Ltd',
    caller: 'fetchThrice',
  },
  { channel: 'tcp', calls: 1, package: 'one-connection', version: '0.1.0', author: 'One Ltd', caller: 'connectOnce' },
  { channel: 'dns', calls: 1, package: 'one-look-up', version: '0.2.0', author: 'One Ltd', caller: 'lookUp' },
];

/** Ten keep-alive requests, three fetches, one connection and one look-up, by a package each. */
export async function fifteenCalls(node: NodeBinary, checks: Checks): Promise<void> {
  using folder = temporaryFolder('rows');
  await using http = await startStubServer();
  await using line = await startLineServer();
  await using dns = await startDnsStub();
  const app = installFixture('fifteen-calls', folder.path);
  const data = join(folder.path, 'data');
  await audit(data, [node.path, join(app, 'app.mjs')], {
    cwd: app,
    env: { HTTP_PORT: `${http.port}`, LINE_PORT: `${line.port}`, DNS_PORT: `${dns.port}` },
  });
  const rows = await calls(data);

  checks.equal('outbound rows of the fifteen calls', rows.length, 15);
  checks.equal('requests that the server counted', http.requests.length, 13);
  checks.equal('connections that the line server counted', line.connections(), 1);
  checks.equal('names that the name server was asked for', dns.names.join(), 'supplier.example');
  for (const expected of FIFTEEN) {
    const found = rows.filter(({ channel }) => channel === expected.channel);
    checks.equal(`rows of channel ${expected.channel}`, found.length, expected.calls);
    const who = `${expected.package} ${expected.version} by ${expected.author}`;
    checks.equal(`package of its rows`, distinct(found, nameOf), who);
    const site = `${callSite(app, expected.package)}:* ${expected.caller}`;
    checks.equal(`site of its rows`, distinct(found, siteWithoutColumn), site);
    checks.equal(
      `outcome of its rows`,
      distinct(found, ({ outcome, phase }) => `${outcome} ${phase}`),
      'ok whole',
    );
  }
  const requests = rows.filter(({ channel }) => channel === 'http' || channel === 'undici');
  compareBytes('the 13 requests', requests, http.bytes(), checks);
  compareBytes(
    'the connection',
    rows.filter(({ channel }) => channel === 'tcp'),
    line.bytes(),
    checks,
  );
  const withBytes = rows.filter(({ bytesOut, bytesIn }) => Number(bytesOut) > 0 && Number(bytesIn) > 0);
  checks.equal('rows with bytes both ways', withBytes.length, 14);
  const look = rows.find(({ channel }) => channel === 'dns');
  checks.equal('what the look-up names', `${look?.['method']} ${look?.['host']}`, 'A supplier.example');
  checks.equal('bytes of the look-up', `${look?.['bytesOut']} ${look?.['bytesIn']}`, 'undefined undefined');
  checks.equal('verify', (await verify(data)).exit, 10);
}

/** Two processes, each with a busy keep-alive agent and raw connections to the same host and port. */
export async function busyPort(node: NodeBinary, checks: Checks): Promise<void> {
  using folder = temporaryFolder('rows');
  await using http = await startStubServer();
  const app = installFixture('busy-port', folder.path);
  const data = join(folder.path, 'data');
  await audit(data, [node.path, join(app, 'app.mjs')], { cwd: app, env: { HTTP_PORT: `${http.port}` } });
  // The child process itself is no call to the port.
  const rows = (await calls(data)).filter(({ channel }) => channel !== 'process');

  const served = countBy(http.requests, (path) => path.split('/').slice(1, 3).toReversed().join(' '));
  checks.equal('processes that called the busy port', new Set(rows.map(({ pid }) => pid)).size, 2);
  checks.equal('processes and kinds that the server counted', served.size, 4);
  for (const [what, count] of served) {
    const [pid = '', kind = ''] = what.split(' ');
    const [name, channel] = kind === 'busy' ? ['busy-agent', 'http'] : ['raw-knock', 'tcp'];
    const found = rows.filter((row) => `${row.pid}` === pid && row.channel === channel);
    const process = pid === `${rows[0]?.['pid']}` ? 'first process' : 'second process';
    checks.equal(`${channel} rows of the ${process}`, found.length, count);
    checks.equal(
      'package of its rows',
      distinct(found, ({ package: owner }) => `${owner}`),
      name ?? '',
    );
    const site = `${callSite(app, name ?? '')}:* ${kind === 'busy' ? 'requestOnce' : 'knock'}`;
    checks.equal('site of its rows', distinct(found, siteWithoutColumn), site);
  }
  checks.equal('rows at the busy port', rows.length, http.requests.length);
  compareBytes('all rows at the busy port', rows, http.bytes(), checks);
  checks.equal('verify', (await verify(data)).exit, 10);
}

function compareBytes(
  what: string,
  rows: readonly Row[],
  server: { received: number; sent: number },
  checks: Checks,
): void {
  checks.equal(`${what}: bytes out, as the server received`, sum(rows, 'bytesOut'), server.received);
  checks.equal(`${what}: bytes in, as the server sent`, sum(rows, 'bytesIn'), server.sent);
}

function sum(rows: readonly Row[], field: 'bytesIn' | 'bytesOut'): number {
  return rows.reduce((total, row) => total + (row[field] ?? 0), 0);
}

function distinct(rows: readonly Row[], of: (row: Row) => string): string {
  return [...new Set(rows.map(of))].toSorted().join(' | ');
}

function nameOf(row: Row): string {
  return `${row.package} ${row.packageVersion} by ${row.packageAuthor}`;
}

function siteWithoutColumn({ site }: Row): string {
  return `${site}`.replace(/:\d+( |$)/, ':*$1');
}

function countBy<T>(values: readonly T[], key: (value: T) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(key(value), (counts.get(key(value)) ?? 0) + 1);
  return counts;
}
