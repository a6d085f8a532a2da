/** An application and its collector as two users with one spool, as beside each other in a pod or on a server. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Checks } from '../output/checks.ts';
import { startStubServer } from '../servers/stub-server.ts';
import type { NodeBinary } from '../system/node-binaries.ts';
import { outwitness, startOutwitness, type Row, type Verification } from '../system/outwitness.ts';
import { temporaryFolder } from '../system/temporary-folder.ts';

const ENTRY = join(import.meta.dirname, '../../packages/cli/register.cjs');
/** Present on every Linux; neither may read what belongs to the other. */
const APP = { name: 'nobody', uid: 65_534, gid: 65_534 };
const COLLECTOR = { uid: 1 };

/** 40 requests by http, 40 by fetch, 20 in a worker thread, 20 in a Node.js child; then it tries what it must not be able to do. */
const PROGRAM = `
  const { get, Agent } = require('node:http');
  const { Worker, isMainThread } = require('node:worker_threads');
  const { fork } = require('node:child_process');
  const { once } = require('node:events');
  const fs = require('node:fs');
  const { join } = require('node:path');
  const target = process.env.TARGET;
  const data = process.env.OUTWITNESS_DATA;
  const fetches = async (count, who) => {
    for (let i = 0; i < count; i++) await (await fetch(target + '/' + who + '/' + i)).text();
  };
  const tries = {
    'read the log key': () => fs.readFileSync(join(data, 'keys/log.key')),
    'read the epoch key': () => fs.readFileSync(join(data, 'keys/epoch-0.key')),
    'list the keys': () => fs.readdirSync(join(data, 'keys')),
    'write the ledger': () => fs.closeSync(fs.openSync(join(data, 'ledger.db'), 'r+')),
    'replace the ledger': () => fs.renameSync(join(data, 'ledger.db'), join(data, 'ledger.old')),
    'write a checkpoint': () => fs.appendFileSync(join(data, 'checkpoints.log'), 'x'),
    'write agent.json': () => fs.appendFileSync(join(data, 'agent.json'), ' '),
    'write a control request': () => fs.writeFileSync(join(data, 'control/x'), 'x'),
    'list the spool': () => fs.readdirSync(join(data, 'spool')),
    'take the lock': () => fs.closeSync(fs.openSync(join(data, 'lock.db'), 'r+')),
  };
  (async () => {
    if (!isMainThread) return fetches(20, 'worker');
    if (process.send !== undefined) return fetches(20, 'child').then(() => process.disconnect());
    const agent = new Agent({ keepAlive: true });
    for (let i = 0; i < 40; i++) {
      const [response] = await once(get(target + '/http/' + i, { agent }), 'response');
      await once(response.resume(), 'end');
    }
    agent.destroy();
    await fetches(40, 'fetch');
    const worker = new Worker(__filename);
    await once(worker, 'exit');
    await once(fork(__filename), 'exit');
    const done = Object.entries(tries).filter(([, act]) => { try { act(); return true; } catch { return false; } });
    console.log('within reach: ' + (done.map(([name]) => name).join(', ') || 'nothing'));
  })();
`;
const REQUESTS = 120;

interface Ended {
  readonly code: number;
  readonly output: string;
}

/** Audits {@link PROGRAM} on this Node as `nobody` by a collector that runs as somebody else. */
export async function twoUsers(node: NodeBinary, checks: Checks): Promise<void> {
  using folder = temporaryFolder('sidecar');
  await using server = await startStubServer();
  const data = prepared(folder.path);
  const collector = startOutwitness(['collect', '--no-serve', '--data', data, '--for', APP.name], {
    cwd: folder.path,
    uid: COLLECTOR.uid,
    gid: APP.gid,
  });
  try {
    await until('the spool', async () => (await asCollector(['status', '--data', data])).code === 0);
    const app = await runApp(node, join(folder.path, 'app/app.cjs'), data, server.port);
    checks.equal('exit code of the application', app.code, 0);
    checks.equal('requests that the server counted', server.requests.length, REQUESTS);
    await until('all rows', async () => (await rows(data)).length >= server.requests.length);
    const calls = await rows(data);
    checks.equal('rows of them', calls.length, server.requests.length);
    checks.equal('processes and threads that made them', new Set(calls.map(({ spool }) => spool)).size, 3);
    checks.equal('what of key and record the application could reach', app.output.trim(), 'within reach: nothing');
    const chips = (await json(['report', '--data', data])) as { chips: { key: { withinReach: boolean | null } } };
    checks.equal('the report says: key within reach', `${chips.chips.key.withinReach}`, 'false');
  } finally {
    collector.child.kill('SIGTERM');
    checks.equal('exit code of the collector', (await collector.ended).code, 0);
  }
  const pin = join(data, 'keys/log.vkey');
  const verified = (await json(['verify', '--data', data, '--pin', pin])) as Verification & {
    notChecked: readonly string[];
  };
  checks.equal('verify, with the key pinned', verified.verdict, 'VERIFIED');
  const reach = verified.notChecked.filter((text) => /could not reach the key|same uid|same user/i.test(text));
  checks.equal('what verify calls not proven about the key', reach.join() || 'nothing', 'nothing');
}

/** A folder that both may enter, a program that is nobody's, a data directory that is the collector's. */
function prepared(folder: string): string {
  chmodSync(folder, 0o755);
  mkdirSync(join(folder, 'app'));
  writeFileSync(join(folder, 'app/app.cjs'), PROGRAM);
  const data = join(folder, 'data');
  mkdirSync(data);
  chownSync(data, COLLECTOR.uid, COLLECTOR.uid);
  chmodSync(data, 0o711);
  return data;
}

async function runApp(node: NodeBinary, file: string, data: string, port: number): Promise<Ended> {
  const child = spawn(node.path, [file], {
    cwd: '/',
    uid: APP.uid,
    gid: APP.gid,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: process.env['PATH'],
      NODE_OPTIONS: `--require ${ENTRY}`,
      OUTWITNESS_DATA: data,
      OUTWITNESS_COLLECTOR: 'off',
      TARGET: `http://127.0.0.1:${port}`,
    },
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code: code ?? -1, output };
}

/** Whoever reads as root would leave files that the collector cannot open. */
async function asCollector(args: readonly string[]): ReturnType<typeof outwitness> {
  return outwitness(args, { cwd: '/', uid: COLLECTOR.uid });
}

async function json(args: readonly string[]): Promise<unknown> {
  const { stdout, stderr } = await asCollector([...args, '--json']);
  try {
    return JSON.parse(stdout);
  } catch (cause) {
    throw new Error(`outwitness ${args.join(' ')} printed no JSON: ${stdout}\n${stderr}`, { cause });
  }
}

async function rows(data: string): Promise<(Row & { spool: string })[]> {
  const where = ['--where', 'kind=net', '--where', 'direction=out'];
  const { stdout } = await asCollector(['journal', '--data', data, ...where]);
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row & { spool: string })
    .filter(({ app }) => app !== 'outwitness')
    .filter(({ channel }) => channel === 'http' || channel === 'undici');
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`not within a minute: ${what}`);
    await sleep(250);
  }
}
