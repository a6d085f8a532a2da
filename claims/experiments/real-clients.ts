/** Real clients over real connections: what the ledger says of each, beside what a tap before its server counted. */
import { cpSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { installFolder } from '../../scripts/install-folder.mjs';
import { clientStubs, type StubName } from '../servers/client-stubs.ts';
import { countedTap, type Tap } from '../servers/counted-tap.ts';
import type { NodeBinary } from '../system/node-binaries.ts';
import { audit, calls, journal, type Row } from '../system/outwitness.ts';
import { temporaryFolder } from '../system/temporary-folder.ts';

const CLIENTS = join(import.meta.dirname, '../fixtures/clients');

interface Client {
  readonly channel: string;
  /** The channel of its rows as long as the one above is not live. */
  readonly otherwise?: string;
  /** A stub, or the port of a server of this machine. */
  readonly server: StubName | number;
  /** Whom the rows must name, if not the package `uses-…`: an SDK decides by itself where data goes and is no transport. */
  readonly owner?: RegExp;
}

const MATRIX: Readonly<Record<string, Client>> = {
  axios: { channel: 'http', server: 'web' },
  got: { channel: 'http', server: 'web' },
  ky: { channel: 'undici', server: 'web' },
  'node-fetch': { channel: 'http', server: 'web' },
  superagent: { channel: 'http', server: 'web' },
  undici: { channel: 'undici', server: 'web' },
  ws: { channel: 'websocket', otherwise: 'http', server: 'ws' },
  'socket.io': { channel: 'websocket', otherwise: 'http', server: 'socket.io' },
  '@grpc/grpc-js': { channel: 'http2', otherwise: 'tcp', server: 'grpc' },
  nodemailer: { channel: 'smtp', server: 'smtp' },
  imapflow: { channel: 'imap', server: 'imap' },
  pg: { channel: 'tcp', server: 5432 },
  postgres: { channel: 'tcp', server: 5432 },
  mysql2: { channel: 'tcp', server: 3306 },
  ioredis: { channel: 'tcp', server: 6379 },
  mqtt: { channel: 'tcp', server: 1883 },
  amqplib: { channel: 'tcp', server: 5672 },
  nats: { channel: 'tcp', server: 4222 },
  ldapjs: { channel: 'tcp', server: 'ldap' },
  ssh2: { channel: 'tcp', server: 'ssh' },
  '@aws-sdk/client-s3': { channel: 'http', server: 'web', owner: /^@(?:aws-sdk|smithy)\// },
  openai: { channel: 'http', server: 'web', owner: /^openai$/ },
  needle: { channel: 'http', server: 'web' },
  phin: { channel: 'http', server: 'web' },
  bent: { channel: 'http', server: 'web' },
  'cross-fetch': { channel: 'http', server: 'web' },
  wretch: { channel: 'undici', server: 'web' },
  ofetch: { channel: 'undici', server: 'web' },
  'make-fetch-happen': { channel: 'http', server: 'web' },
  'simple-get': { channel: 'http', server: 'web' },
  urllib: { channel: 'undici', server: 'web' },
  request: { channel: 'http', server: 'web' },
  stripe: { channel: 'http', server: 'web', owner: /^stripe$/ },
  '@slack/web-api': { channel: 'http', server: 'web', owner: /^@slack\/web-api$/ },
  '@elastic/elasticsearch': { channel: 'undici', server: 'web', owner: /^@elastic\/transport$/ },
  '@anthropic-ai/sdk': { channel: 'undici', server: 'web', owner: /^@anthropic-ai\/sdk$/ },
  'posthog-node': { channel: 'undici', server: 'web', owner: /^posthog-node$/ },
};

export interface ClientResult {
  readonly client: string;
  /** Why it was not tried. */
  readonly skipped?: string;
  readonly channels: string;
  readonly rows: number;
  readonly bytes: string;
  readonly packages: string;
  /** Each expectation that did not hold, with expected and got. */
  readonly wrong: readonly string[];
  /** A row names the client or what carries it, as basis `transport`, which the report shows as weak. */
  readonly weak: boolean;
}

/** Most bytes of an HTTP/2 session that belong to no stream. The rows count the streams, header fields as they are before HPACK. */
const OF_A_SESSION = 256;

function near(counted: number, passed: number, sessions: number): boolean {
  return counted > 0 && Math.abs(counted - passed) <= OF_A_SESSION * sessions;
}

/** Runs the whole matrix on one Node. */
export async function realClients(node: NodeBinary): Promise<ClientResult[]> {
  if (!(await installFolder(CLIENTS))) throw new Error('claims/fixtures/clients could not be installed');
  using folder = temporaryFolder('clients');
  const stubs = await clientStubs(CLIENTS);
  const taps = new Map<string, Tap>();
  const skipped = new Map<string, string>();
  try {
    for (const [name, { server }] of Object.entries(MATRIX)) {
      const port = typeof server === 'number' ? server : stubs[server].port;
      if (await answers(port)) taps.set(name, await countedTap(port));
      else skipped.set(name, `nothing listens on port ${port} of this machine`);
    }
    const app = install(folder.path);
    const orders = join(folder.path, 'orders.json');
    writeFileSync(
      orders,
      JSON.stringify(Object.fromEntries([...taps].map(([name, { port }]) => [name, { host: '127.0.0.1', port }]))),
    );
    const data = join(folder.path, 'data');
    const { stdout } = await audit(data, [node.path, app, orders], { cwd: folder.path });
    const rows = await calls(data);
    const live = new Set(
      (await journal(data, { kind: 'control', event: 'hello' })).flatMap(({ channels }) => channels ?? []),
    );
    return Object.entries(MATRIX).map(([name, client]) => {
      const tap = taps.get(name);
      return tap === undefined
        ? nothing(name, skipped.get(name) ?? '')
        : judged(
            name,
            client,
            tap,
            rows.filter(({ port }) => port === tap.port),
            live,
            stdout,
          );
    });
  } finally {
    for (const tap of taps.values()) tap.close();
    for (const stub of Object.values(stubs)) stub.close();
  }
}

function nothing(client: string, reason: string): ClientResult {
  return { client, skipped: reason, channels: '', rows: 0, bytes: '', packages: '', wrong: [], weak: false };
}

function judged(
  name: string,
  client: Client,
  tap: Tap,
  rows: readonly Row[],
  live: ReadonlySet<string>,
  said: string,
): ClientResult {
  const wrong: string[] = [];
  const expect = (what: string, expected: string, got: string): void => {
    if (expected !== got) wrong.push(`${what}: expected ${expected}, got ${got}`);
  };
  expect('client', `${name} done`, said.split('\n').find((line) => line.startsWith(`${name} `)) ?? 'nothing');
  if (rows.length === 0) wrong.push('rows: expected at least one, got none');
  const channel = live.has(client.channel) ? client.channel : (client.otherwise ?? client.channel);
  const channels = words(rows.map((row) => row.channel));
  const outcomes = words(rows.map((row) => row.outcome));
  const packages = words(rows.map((row) => row.package));
  expect('channel', channel, channels);
  expect('host', '127.0.0.1', words(rows.map((row) => row.host)));
  expect('outcome', 'ok', outcomes);
  const [out, into] = [sum(rows, 'bytesOut'), sum(rows, 'bytesIn')];
  const bytes = `${out} / ${into}`;
  const passed = `${tap.bytesUp} / ${tap.bytesDown}`;
  if (channel !== 'http2') expect('bytes', passed, bytes);
  else if (!(near(out, tap.bytesUp, tap.connections) && near(into, tap.bytesDown, tap.connections)))
    wrong.push(`bytes: expected ${passed} but for the frames of ${tap.connections} sessions, got ${bytes}`);
  const weak = rows.some(({ basis }) => basis === 'transport');
  const owner = client.owner ?? new RegExp(`^uses-${packageOf(name)}$`);
  for (const row of rows) {
    const named = row.package ?? 'nobody';
    if (!owner.test(named) && row.basis !== 'transport')
      wrong.push(`package: expected ${owner.source}, got ${named} (${row.basis ?? ''})`);
  }
  return { client: name, channels, rows: rows.length, bytes, packages, wrong, weak };
}

function words(of: readonly (string | undefined)[]): string {
  return [...new Set(of.map((word) => word ?? 'none'))].sort().join(', ');
}

function sum(rows: readonly Row[], field: 'bytesOut' | 'bytesIn'): number {
  return rows.reduce((total, row) => total + (row[field] ?? 0), 0);
}

function packageOf(client: string): string {
  return client.replace('@', '').replace('/', '-');
}

/** The application with a package of its own for each use, beside the clients. */
function install(folder: string): string {
  const modules = join(folder, 'node_modules');
  mkdirSync(modules);
  const installed = join(CLIENTS, 'node_modules');
  for (const name of readdirSync(installed))
    if (!name.startsWith('.')) symlinkSync(join(installed, name), join(modules, name));
  for (const client of Object.keys(MATRIX)) {
    const name = `uses-${packageOf(client)}`;
    const own = join(modules, name);
    mkdirSync(own);
    writeFileSync(
      join(own, 'package.json'),
      JSON.stringify({ name, version: '1.0.0', type: 'module', exports: './index.js' }),
    );
    cpSync(join(CLIENTS, 'uses', `${packageOf(client)}.mjs`), join(own, 'index.js'));
  }
  cpSync(join(CLIENTS, 'app.mjs'), join(folder, 'app.mjs'));
  return join(folder, 'app.mjs');
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.once('error', () => resolve(false));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}
