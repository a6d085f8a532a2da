import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import type { ConnRecord, DoneRecord, OpenRecord, SpoolRecord } from '@outwitness/event';
import { SpoolReader, START } from '@outwitness/spool';
import type { Application } from './application.ts';
import { Peer, type PeerKind } from './peers.ts';

const ENTRY = join(import.meta.dirname, '../../packages/agent/register.cjs');

/** One call site and its label. */
export interface Site {
  /** Package that holds it: its form. */
  package: string;
  site: string;
  /** The package that is right. */
  owner: string;
  /** Is no frame of the owner on the stack when the client makes the call? */
  off: boolean;
  peer: PeerKind;
  /** Pattern of the `site` field, where one place is right. */
  place?: string;
}

/** How the answer compares with the label. `weak`: only who carried the call is named, and said to be no more. `no-row`: the call was not seen at all. */
export type Grade = 'right' | 'weak' | 'unattributed' | 'wrong' | 'no-row';

/** A row of a site, judged. */
export interface Judged extends Site {
  grade: Grade;
  basis: string;
  named: string | undefined;
  at: string | undefined;
}

/** What the packages of an application say of their sites; asked of the Node that will run them. */
export function listSites(node: string, application: Application): Site[] {
  const { stdout, stderr } = spawnSync(node, [application.list, ...application.packages], {
    encoding: 'utf8',
    cwd: application.root,
    timeout: 120_000,
    maxBuffer: 1 << 26,
  });
  if (!stdout.startsWith('[')) throw new Error(`the sites could not be listed: expected JSON, got ${stdout}${stderr}`);
  return JSON.parse(stdout) as Site[];
}

/**
 * Runs the sites in one audited process, each against a peer of its own, and judges every row that came of it.
 *
 * @param env for the audited process
 * @param inbound gets the requests that the sites' own servers answered
 */
export async function runSites(
  node: string,
  application: Application,
  sites: readonly Site[],
  env: Record<string, string> = {},
  inbound: Inbound[] = [],
): Promise<Judged[]> {
  const peers: Peer[] = [];
  const work = mkdtempSync(join(tmpdir(), 'outwitness-attribution-'));
  try {
    const byPort = new Map<number, Site>();
    const todo: object[] = [];
    for (const site of sites) {
      const peer = await Peer.listen(site.peer);
      peers.push(peer);
      byPort.set(peer.port, site);
      todo.push({ package: site.package, site: site.site, port: peer.port });
    }
    const todoFile = join(work, 'todo.json');
    writeFileSync(todoFile, JSON.stringify(todo));
    const child = spawn(node, ['--require', ENTRY, application.driver, todoFile], {
      cwd: application.root,
      env: {
        PATH: process.env['PATH'],
        OUTWITNESS_DATA: join(work, 'data'),
        OUTWITNESS_COLLECTOR: 'off',
        ...env,
      },
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: 900_000,
      killSignal: 'SIGKILL',
    });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr = (stderr + chunk).slice(-4000)));
    const [code] = (await once(child, 'close')) as [number | null];
    if (code !== 0) throw new Error(`the audited process ended with ${code}: expected 0\n${stderr}`);
    const writers = records(join(work, 'data'));
    inbound.push(...writers.flatMap(inboundOf));
    return judge(byPort, rowsOf(writers));
  } finally {
    await Promise.all(peers.map((peer) => peer.close()));
    rmSync(work, { recursive: true, force: true });
  }
}

/** An inbound request: whom its records name at its begin and at its end. */
export interface Inbound {
  path: string | undefined;
  open: string | undefined;
  done: string | undefined;
}

function inboundOf(list: readonly SpoolRecord[]): Inbound[] {
  return list
    .filter((record): record is OpenRecord => record.kind === 'open' && record.direction === 'in')
    .map(({ call, path, package: open }) => {
      const end = list.find((record): record is DoneRecord => record.kind === 'done' && record.call === call);
      return { path, open, done: end?.package };
    });
}

/** Every row counts: a redirect or a retry is a second one of its site. */
function judge(byPort: ReadonlyMap<number, Site>, rows: readonly Row[]): Judged[] {
  const judged: Judged[] = [];
  const seen = new Set<Site>();
  for (const row of rows) {
    const site = row.port === undefined ? undefined : byPort.get(row.port);
    if (site === undefined) continue;
    seen.add(site);
    const basis = row.basis ?? 'none';
    judged.push({ ...site, basis, grade: grade(site, row), named: row.package, at: row.site });
  }
  for (const site of byPort.values()) {
    if (!seen.has(site)) judged.push({ ...site, basis: '', grade: 'no-row', named: undefined, at: undefined });
  }
  return judged;
}

function grade(site: Site, row: Row): Grade {
  if (row.package === undefined) return 'unattributed';
  if (row.package === site.owner)
    return site.place === undefined || new RegExp(site.place).test(row.site ?? '') ? 'right' : 'wrong';
  return row.basis === 'transport' ? 'weak' : 'wrong';
}

type Row = OpenRecord | ConnRecord;

/** Records that become rows of their own: calls, and connections that are no call's. */
function rowsOf(writers: readonly SpoolRecord[][]): Row[] {
  return writers.flatMap((list) => {
    const claimed = new Set(list.filter((record) => record.kind === 'claim').map(({ conn }) => conn));
    return list.filter(
      (record): record is Row =>
        (record.kind === 'open' && record.direction === 'out') ||
        (record.kind === 'conn' && record.direction === 'out' && record.for === undefined && !claimed.has(record.conn)),
    );
  });
}

function records(data: string): SpoolRecord[][] {
  const reader = new SpoolReader(join(data, 'spool'));
  const writers = new Map<string, SpoolRecord[]>();
  for (const { name, writer } of reader.list().segments) {
    const list = writers.get(writer) ?? [];
    writers.set(writer, list);
    for (const { record } of reader.read(name, START, 1 << 27, true).records) list.push(record);
  }
  return [...writers.values()];
}
