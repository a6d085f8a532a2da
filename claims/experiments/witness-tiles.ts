/** Checkpoint and tiles of a served ledger, fetched by a client of Go's sumdb, and all that a witness must not get. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Checks } from '../output/checks.ts';
import { audit, journal, outwitness, startOutwitness } from '../system/outwitness.ts';
import { temporaryFolder } from '../system/temporary-folder.ts';

const FETCH = join(import.meta.dirname, '../fixtures/witness/fetch.go');
/** Where Debian's golang-golang-x-mod-dev lies. */
const GOPATH = '/usr/share/gocode';
const APP = `const http = require('http'); let n = 0;
  const next = () => { if (n++ < 300) http.get('http://127.0.0.1:1/' + n).on('error', next); }; next();`;

/** @returns what could not be tried, and why; `''` if nothing */
export async function witnessTiles(checks: Checks): Promise<string> {
  using folder = temporaryFolder('witness');
  const data = join(folder.path, 'data');
  await audit(data, ['node', '-e', APP]);
  const admin = async (...args: string[]): Promise<string> =>
    (await outwitness(['admin', ...args, '--data', data], { cwd: folder.path })).stdout.trim();
  const running = startOutwitness(['serve', '--data', data], { cwd: folder.path });
  try {
    const [, address = ''] = await running.printed(/(http:\/\/127\.0\.0\.1:\d+)\/#token=\S+/);
    await refusals(checks, address, admin);
    return await go(checks, folder.path, data, address, await admin('witness'));
  } finally {
    running.child.kill('SIGTERM');
    await running.ended;
  }
}

async function refusals(checks: Checks, address: string, admin: (...args: string[]) => Promise<string>): Promise<void> {
  const status = async (path: string, token?: string): Promise<number> => {
    const headers = token === undefined ? undefined : { authorization: `Bearer ${token}` };
    return (await fetch(`${address}${path}`, headers === undefined ? {} : { headers })).status;
  };
  checks.equal('switched off, /checkpoint is', await status('/checkpoint', 'x'), 404);
  await admin('settings', 'witness.serve=true');
  checks.equal('without a token it is', await status('/checkpoint'), 401);
  checks.equal('before there is a token, with an empty one', await status('/checkpoint', ''), 401);
  const token = await admin('witness');
  checks.equal('with the token', await status('/checkpoint', token), 200);
  const paths = [
    ['/tile/0/000', 200],
    ['/tile/0/001.p/1', 200],
    ['/tile/1/000.p/1', 200],
    ['/tile/0/000.p/256', 404],
    ['/tile/0/000.p/0', 404],
    ['/tile/0/001', 404],
    ['/tile/1/000', 404],
    ['/tile/1/000.p/2', 404],
    ['/tile/0/x000/000', 404],
    ['/tile/0/0', 404],
    ['/tile/00/000', 404],
    ['/tile/64/000', 404],
    ['/tile/0/000?x', 404],
    ['/tile/0/x999/x999/x999/x999/999', 404],
    ['/tile/entries/000', 404],
    ['/tile/entries/000.p/1', 404],
    ['/tile/0/%30%30%30', 404],
  ] as const;
  for (const [path, expected] of paths) checks.equal(path, await status(path, token), expected);
  checks.equal('the same path without the token', await status('/tile/0/000'), 401);
  checks.equal('with that token, /api/rows is', await status('/api/rows', token), 401);
  await admin('witness');
  checks.equal('with a token that was replaced', await status('/checkpoint', token), 401);
}

async function go(checks: Checks, folder: string, data: string, address: string, token: string): Promise<string> {
  if (spawnSync('go', ['version']).status !== 0) return 'tlog: go is not installed (Debian: golang-go)';
  if (!existsSync(join(GOPATH, 'src/golang.org/x/mod/sumdb/tlog')))
    return 'tlog: its source is not installed (Debian: golang-golang-x-mod-dev)';
  const rows = await journal(data);
  const notes = readFileSync(join(data, 'checkpoints.log'), 'utf8').trimEnd().split('\n');
  const input = join(folder, 'witness.json');
  // Parsed and written again, the members of a leaf keep their order.
  const leaves = Object.fromEntries(
    rows.filter(({ seq }) => seq % 17 === 0).map((row) => [row.seq, JSON.stringify(row)]),
  );
  const older = notes.map((line) => Buffer.from(line.split(' ')[1] ?? '', 'base64').toString());
  const vkey = readFileSync(join(data, 'keys/log.vkey'), 'utf8').trim();
  writeFileSync(input, JSON.stringify({ address, token, vkey, leaves, older }));
  const env = { ...process.env, GO111MODULE: 'off', GOPATH, GOFLAGS: '', GOCACHE: join(folder, 'go-cache') };
  const child = spawn('go', ['run', FETCH, input], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
  const [status] = (await once(child, 'close')) as [number];
  checks.equal('exit of the client on sumdb/tlog', `${status} ${stderr}`.trim(), '0');
  const counts = (status === 0 ? JSON.parse(stdout) : {}) as Record<string, number>;
  const { size = 0, tiles = 0 } = counts;
  checks.record('rows under the checkpoint, tiles fetched', `${size}, ${tiles}`, '> 256, > 2', size > 256 && tiles > 2);
  checks.equal('rows proven in it', counts['inclusion'] ?? 0, Object.keys(leaves).length);
  checks.equal('changed rows refused', counts['refused'] ?? 0, Object.keys(leaves).length);
  checks.equal('older checkpoints proven to be its prefix', counts['consistency'] ?? 0, older.length);
  return '';
}
