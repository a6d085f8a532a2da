/** Changes copies of one ledger in the ways of an attacker without keys, and asks the verifier each time. */
import { hash } from 'node:crypto';
import { cpSync } from 'node:fs';
import { join } from 'node:path';

import type { Checks } from '../output/checks.ts';
import { startStubServer } from '../servers/stub-server.ts';
import { changedFiles, digestOfEvidence } from '../system/evidence.ts';
import { installFixture } from '../system/fixture.ts';
import { deleteNewestRow, editLeaf, editLeafInFile, editPastTriggers } from '../system/ledger-edit.ts';
import { pinnedNode } from '../system/node-binaries.ts';
import { audit, calls, startOutwitness, verify, type Verification } from '../system/outwitness.ts';
import { temporaryFolder } from '../system/temporary-folder.ts';

/** The collector that is to leave its WAL behind is killed so long after so many calls: their rows are committed then. */
const KILL_AFTER_CALLS = 20;
const COMMITTED_AFTER_MS = 1_500;

export async function tampering(checks: Checks): Promise<void> {
  using folder = temporaryFolder('tamper');
  const data = join(folder.path, 'data');
  await fillLedger(folder.path, data);
  const rows = (await calls(data)).map(({ seq }) => seq);
  const one = rows[Math.floor(Math.random() * rows.length)] ?? -1;
  checks.record('rows of calls in the ledger', rows.length, '> 20', rows.length > 20);

  let copies = 0;
  const copied = (edit: (copy: string) => void): string => {
    const copy = join(folder.path, `copy-${copies++}`);
    cpSync(data, copy, { recursive: true });
    edit(copy);
    return copy;
  };
  const judged = async (what: string, copy: string, expected: number, pin?: string): Promise<Verification> => {
    const before = digestOfEvidence(copy);
    const result = await verify(copy, pin);
    const changed = changedFiles(before, digestOfEvidence(copy));
    checks.equal(`verify, ${what}`, `${result.exit} ${result.verdict}`, `${expected} ${VERDICTS[expected]}`);
    checks.equal('files of the evidence that it changed', changed.join() || 'none', 'none');
    return result;
  };

  await judged('untouched', data, 10);
  await judged('untouched, with the key pinned', data, 0, join(data, 'keys/log.vkey'));
  const bySql = await judged(
    `one leaf byte of row ${one} changed by SQL`,
    copied((copy) => editLeaf(copy, one)),
    20,
  );
  checks.equal('row named', named(bySql, 'leaf-hash'), `${one}`);
  const inFile = copied((copy) => editLeafInFile(copy, one));
  checks.equal(
    'row named',
    named(await judged(`one leaf byte of row ${one} changed in the file`, inFile, 20), 'leaf-hash'),
    `${one}`,
  );
  const rehashed = copied((copy) => changeLeafAndHash(copy, one));
  checks.equal(
    'row named',
    named(await judged(`row ${one} changed together with its hash`, rehashed, 20), 'chain'),
    `${one + 1}`,
  );
  let newest = -1;
  const shortened = copied((copy) => {
    newest = deleteNewestRow(copy);
  });
  checks.record(
    'finding',
    codes(await judged(`newest row (${newest}) deleted`, shortened, 20)),
    'truncated',
    codes(await verify(shortened))
      .split(' ')
      .includes('truncated'),
  );

  const killed = join(folder.path, 'killed-collector');
  const files = await killedLedger(folder.path, killed);
  checks.record('files that a killed collector leaves', files, 'with ledger.db-wal', files.includes('ledger.db-wal'));
  await judged('after the collector was killed', killed, 10);
}

const VERDICTS: Readonly<Record<number, string>> = { 0: 'VERIFIED', 10: 'UNANCHORED', 20: 'TAMPERED' };

async function fillLedger(folder: string, data: string): Promise<void> {
  await using http = await startStubServer();
  const app = installFixture('busy-port', folder);
  await audit(data, [pinnedNode().path, join(app, 'app.mjs')], { cwd: app, env: { HTTP_PORT: `${http.port}` } });
}

/** A ledger whose collector had no time to close it. */
async function killedLedger(folder: string, data: string): Promise<string> {
  await using http = await startStubServer();
  const app = installFixture('killed', folder);
  const running = startOutwitness(
    ['run', '--no-serve', '--data', data, '--', pinnedNode().path, join(app, 'app.mjs')],
    { cwd: app, env: { HTTP_PORT: `${http.port}`, RUN: 'tamper', LANES: '1', RUN_MS: '10000', PAUSE_MS: '5' } },
  );
  const busy = new Promise((resolve) => {
    http.onRequest(() => {
      if (http.requests.length === KILL_AFTER_CALLS) setTimeout(resolve, COMMITTED_AFTER_MS);
    });
  });
  await Promise.race([busy, running.ended]);
  running.child.kill('SIGKILL');
  await running.ended;
  return [...digestOfEvidence(data).keys()].filter((path) => path.startsWith('ledger.db')).join(' ');
}

/** The cleverer attacker also makes the row's hash fit; only the row after it, and the tree, still know better. */
function changeLeafAndHash(data: string, seq: number): void {
  editLeaf(data, seq);
  editPastTriggers(data, (database) => {
    database.function('sha256', { deterministic: true }, (leaf) => rowHash(leaf as string));
    database.prepare('UPDATE rows SET row_hash = sha256(leaf) WHERE seq = ?').run(seq);
  });
}

function rowHash(leaf: string): Buffer {
  return hash('sha256', Buffer.concat([Buffer.from([0]), Buffer.from(leaf)]), 'buffer');
}

function named({ findings }: Verification, code: string): string {
  return findings
    .filter((finding) => finding.code === code)
    .map(({ seq }) => seq)
    .join();
}

function codes({ findings }: Verification): string {
  return [...new Set(findings.map(({ code }) => code))].join(' ');
}
