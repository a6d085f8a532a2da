/** Runs a package that makes calls in every way Python has, beside servers that count what reaches them. */
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { selfSigned } from '../../packages/interceptor/test/certificate.ts';
import type { Checks } from '../output/checks.ts';
import { audit, journal, type Row } from '../system/outwitness.ts';
import { PYTHON_AGENT, pythonOrThrow } from '../system/python.ts';
import { temporaryFolder } from '../system/temporary-folder.ts';

export const CHANNEL_MODES = ['sync', 'threads', 'asyncio', 'gevent-before', 'gevent-after'] as const;
export type ChannelMode = (typeof CHANNEL_MODES)[number];

const FIXTURE = join(import.meta.dirname, '../fixtures/odoo/channels');

interface Kind {
  /** What it must be a row of. */
  readonly channel: string;
  /** Who answers; `+` under TLS from the first byte. */
  readonly peer?: string;
  readonly only?: ChannelMode;
  /** Sealed in memory: only that more bytes left than the peer read in plain text can be held against the row. */
  readonly sealed?: true;
}

const KINDS: Readonly<Record<string, Kind>> = {
  requests_http: { channel: 'requests', peer: 'http' },
  requests_https: { channel: 'requests', peer: 'http+' },
  urllib3_http: { channel: 'urllib', peer: 'http' },
  urllib3_https: { channel: 'urllib', peer: 'http+' },
  urllib_http: { channel: 'urllib', peer: 'http' },
  urllib_https: { channel: 'urllib', peer: 'http+' },
  http_client: { channel: 'urllib', peer: 'http' },
  httpx_http: { channel: 'httpx', peer: 'http' },
  httpx_https: { channel: 'httpx', peer: 'http+' },
  smtp_plain: { channel: 'smtp', peer: 'smtp' },
  smtp_starttls: { channel: 'smtp', peer: 'smtp' },
  smtp_tls: { channel: 'smtp', peer: 'smtp+' },
  imap_plain: { channel: 'imap', peer: 'imap' },
  imap_starttls: { channel: 'imap', peer: 'imap' },
  imap_tls: { channel: 'imap', peer: 'imap+' },
  pop3_plain: { channel: 'pop3', peer: 'pop3' },
  pop3_starttls: { channel: 'pop3', peer: 'pop3' },
  pop3_tls: { channel: 'pop3', peer: 'pop3+' },
  tcp: { channel: 'tcp', peer: 'tcp' },
  tls: { channel: 'tls', peer: 'tls+' },
  unix: { channel: 'unix', peer: 'unix' },
  udp_sendto: { channel: 'udp', peer: 'udp' },
  udp_connected: { channel: 'udp', peer: 'udp' },
  dns: { channel: 'dns' },
  spawned: { channel: 'process' },
  posix_spawned: { channel: 'process' },
  forked_exec: { channel: 'process' },
  httpx_async_http: { channel: 'httpx', peer: 'http', only: 'asyncio' },
  httpx_async_https: { channel: 'httpx', peer: 'http+', only: 'asyncio', sealed: true },
  stream_tcp: { channel: 'tcp', peer: 'tcp', only: 'asyncio' },
  stream_tls: { channel: 'tls', peer: 'tls+', only: 'asyncio', sealed: true },
  stream_unix: { channel: 'unix', peer: 'unix', only: 'asyncio' },
  loop_udp: { channel: 'udp', peer: 'udp', only: 'asyncio' },
  loop_dns: { channel: 'dns', only: 'asyncio' },
  loop_spawned: { channel: 'process', only: 'asyncio' },
};

interface Count {
  readonly connections: number;
  readonly requests: number;
  readonly in: number;
  readonly out: number;
  readonly late: number;
}

/** One line for each kind of call. */
export async function channelsOf(mode: ChannelMode, calls: number, checks: Checks): Promise<void> {
  const missing = missingFor(mode);
  if (missing !== undefined) {
    checks.record(mode, `not run: ${missing} is not installed`, 'installed', false);
    return;
  }
  using folder = temporaryFolder('python-channels');
  const kinds = kindsOf(mode);
  const data = join(folder.path, 'data');
  const peers = await startPeers(folder.path, data, mode);
  const site = join(folder.path, 'site-packages');
  cpSync(join(FIXTURE, 'courier'), join(site, 'courier'), { recursive: true });
  cpSync(join(FIXTURE, 'main.py'), join(folder.path, 'main.py'));
  await audit(data, [pythonOrThrow(), join(folder.path, 'main.py'), mode, `${calls}`], {
    cwd: folder.path,
    env: {
      PYTHONPATH: `${PYTHON_AGENT}:${site}`,
      PYTHONDONTWRITEBYTECODE: '1',
      PEER_CERTIFICATE: peers.certificate,
      PEER_PORTS: JSON.stringify(peers.ports),
    },
  });
  const counts = await peers.end();
  const rows = (await journal(data, { kind: 'net', app: 'courier-shop' })).filter(({ phase }) => phase !== 'end');
  const owners = siteFunctions(rows);
  for (const [name, kind] of kinds) judge(`${mode} ${name}`, kind, owners.get(name) ?? [], calls, counts[name], checks);
  const strangers = rows.filter((row) => !isOf(row, new Set(kinds.map(([name]) => name))));
  checks.equal(`${mode}: rows of nothing that was called`, strangers.map(shown).join(' · ') || 'none', 'none');
  const gaps = await journal(data, { kind: 'gap' });
  checks.equal(`${mode}: gaps`, gaps.map(({ event }) => event).join(' ') || 'none', 'none');
}

function kindsOf(mode: ChannelMode): [string, Kind][] {
  return Object.entries(KINDS).filter(([, { only }]) => only === undefined || only === mode);
}

/** One line: as many rows as calls, all of the right channel, package and end, no record late, the bytes those of the peer. */
function judge(
  what: string,
  kind: Kind,
  rows: readonly Row[],
  calls: number,
  count: Count | undefined,
  checks: Checks,
): void {
  const wrong = rows.filter(
    (row) => row.channel !== kind.channel || row.package !== 'courier' || row.basis !== 'stack' || !isFine(row),
  );
  const sums = { out: sum(rows, 'bytesOut'), into: sum(rows, 'bytesIn') };
  const faults = [
    rows.length === calls ? '' : `${rows.length} rows`,
    wrong.length === 0 ? '' : `wrong: ${wrong.slice(0, 2).map(shown).join(' · ')}`,
  ];
  if (count !== undefined) {
    const exact = sums.out === count.in && sums.into === count.out;
    const enough = sums.out > count.in && sums.into > count.out;
    faults.push(
      (kind.sealed === true ? enough : exact) ? '' : `bytes ${sums.out}/${sums.into}, peer ${count.in}/${count.out}`,
    );
    faults.push(count.late === 0 ? '' : `${count.late} arrived before their record`);
    faults.push(count.connections > 0 ? '' : 'the peer saw nobody');
  }
  const fault = faults.filter((text) => text !== '').join('; ');
  const fine = `${rows.length} rows, ${sums.out}/${sums.into} bytes`;
  checks.record(what, fault === '' ? fine : fault, `${calls} rows of ${kind.channel}, bytes and order`, fault === '');
}

function isFine({ outcome, channel, method }: Row): boolean {
  return outcome === (channel === 'process' && method === 'execve' ? 'aborted' : 'ok');
}

/** By the function of the package that the row names: each makes one kind of call. */
function siteFunctions(rows: readonly Row[]): Map<string, Row[]> {
  const found = new Map<string, Row[]>();
  for (const row of rows) {
    const name = functionOf(row);
    found.set(name, [...(found.get(name) ?? []), row]);
  }
  return found;
}

function functionOf({ site = '', port, channel }: Row): string {
  const name = site.slice(site.lastIndexOf(' ') + 1);
  return name === 'send_mail' || name === '' ? `${channel ?? ''} ${port ?? ''}` : name;
}

function isOf(row: Row, names: ReadonlySet<string>): boolean {
  return names.has(functionOf(row));
}

function sum(rows: readonly Row[], member: 'bytesIn' | 'bytesOut'): number {
  return rows.reduce((total, row) => total + (row[member] ?? 0), 0);
}

function shown({ channel, package: name, outcome, site, host, port, path, basis }: Row): string {
  return `${channel} ${host ?? path ?? ''}:${port ?? ''} ${name ?? '(nobody)'} ${basis ?? ''} ${outcome ?? ''} ${site ?? ''}`;
}

/** The first module that this Python lacks. */
export function missingFor(mode: ChannelMode): string | undefined {
  const modules = ['requests', 'urllib3', 'httpx', ...(mode.startsWith('gevent') ? ['gevent'] : [])];
  return modules.find((name) => spawnSync(pythonOrThrow(), ['-c', `import ${name}`]).status !== 0);
}

export interface Peers {
  readonly ports: Readonly<Record<string, number | string>>;
  readonly certificate: string;
  /** Digests of what each server heard and said since the last time. */
  heard(): Promise<Readonly<Record<string, readonly string[]>>>;
  /** Ends them. */
  end(): Promise<Readonly<Record<string, Count>>>;
}

/** A server for each kind of call of a mode; `ports` has a member for kinds without a server too. */
export async function startPeers(folder: string, data: string, mode: ChannelMode): Promise<Peers> {
  const kinds = kindsOf(mode);
  const pair = selfSigned();
  if (pair === undefined) throw new Error('expected openssl to make a certificate for the peers, found none');
  const certificate = join(folder, 'certificate.pem');
  const key = join(folder, 'key.pem');
  writeFileSync(certificate, pair.cert);
  writeFileSync(key, pair.key);
  mkdirSync(join(folder, 'sockets'));
  const args = [join(FIXTURE, 'peers.py'), join(data, 'spool'), certificate, key, join(folder, 'sockets/peer')];
  const child = spawn(pythonOrThrow(), args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const next = async (): Promise<unknown> => JSON.parse(String((await lines.next()).value));
  child.stdin.write(`${JSON.stringify(Object.fromEntries(kinds.map(([name, { peer }]) => [name, peer ?? ''])))}\n`);
  const listening = (await next()) as Record<string, number | string>;
  const ports = Object.fromEntries(kinds.map(([name]) => [name, listening[name] ?? 0]));
  const heard = async (): Promise<Record<string, string[]>> => {
    child.stdin.write('\n');
    return (await next()) as Record<string, string[]>;
  };
  const end = async (): Promise<Record<string, Count>> => {
    child.stdin.end();
    return (await next()) as Record<string, Count>;
  };
  return { ports, certificate, heard, end };
}

/** A WSGI application under a server with threads and one with greenlets: each request a row, long polling too. */
export async function inboundOf(server: 'threads' | 'gevent', calls: number, checks: Checks): Promise<void> {
  using folder = temporaryFolder('python-inbound');
  const data = join(folder.path, 'data');
  const program = join(folder.path, 'main.py');
  cpSync(join(FIXTURE, 'inbound.py'), program);
  const { stdout } = await audit(data, [pythonOrThrow(), program, server, `${calls}`], {
    cwd: folder.path,
    env: { PYTHONPATH: PYTHON_AGENT, PYTHONDONTWRITEBYTECODE: '1' },
  });
  const made = JSON.parse(stdout.split('\n').find((line) => line.startsWith('{')) ?? '{}') as Record<string, number>;
  const rows = await journal(data, { kind: 'net', direction: 'in', app: 'courier-shop' });
  for (const [path, requests] of Object.entries(made)) {
    const of = rows.filter((row) => row.path === path && row.channel === 'http' && row.outcome === 'ok');
    checks.equal(`inbound under ${server}, ${path}: rows`, of.length, requests);
    checks.equal(
      `inbound under ${server}, ${path}: bytes of bodies`,
      `${sum(of, 'bytesIn')}/${sum(of, 'bytesOut')}`,
      `${5 * requests}/${10 * requests}`,
    );
  }
  checks.record(
    `inbound under ${server}: kinds of requests`,
    Object.keys(made).length,
    '2',
    Object.keys(made).length === 2,
  );
}
