/**
 * Inside the namespace: audits Node-RED, opens its editor, deploys the flow by the admin API, lets it run, ends it.
 *
 *   node drive.mjs RED_JS DATA ROUNDS
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';

import { startServices } from './services.mjs';

const HERE = import.meta.dirname;
const OUTWITNESS = join(HERE, '../../packages/cli/bin/outwitness.js');
const EDITOR = 'http://127.0.0.1:1880';
const START_MS = 60_000;
/** The e-mail node answers nobody: its session ends some time after the answer. */
const SETTLE_MS = 2000;

const [redJs, data, rounds] = process.argv.slice(2);
const userDir = mkdtempSync(join(tmpdir(), 'outwitness-node-red-'));
const NODE_RED_OPTIONS = ['--userDir', userDir, '--settings', join(HERE, 'settings.cjs')];
await startServices();
const audited = spawn(
  process.execPath,
  [OUTWITNESS, 'run', '--no-serve', '--data', data, '--', process.execPath, redJs, ...NODE_RED_OPTIONS],
  { stdio: ['ignore', 2, 2], cwd: userDir, env: { ...process.env, OUTWITNESS_APP: 'node-red', OUTWITNESS_LEARN: '0' } },
);
const ended = once(audited, 'exit');
try {
  await eventually(() => get('/settings'));
  await get('/');
  await request('/flows', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: readFileSync(join(HERE, 'flow.json')),
  });
  for (let round = 0; round < Number(rounds); round += 1) {
    // A deployed flow is there a little later than the answer to its deployment.
    const answer = await eventually(() => get('/go'));
    if (answer !== 'heard\n') throw new Error(`the flow answered ${JSON.stringify(answer)}: expected "heard\\n"`);
  }
  await sleep(SETTLE_MS);
} finally {
  audited.kill('SIGTERM');
  await ended;
  rmSync(userDir, { recursive: true, force: true });
}

/**
 * @param {() => Promise<string>} attempt
 * @returns {Promise<string>}
 */
async function eventually(attempt) {
  const latest = performance.now() + START_MS;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() > latest || audited.exitCode !== null) throw error;
      await sleep(200);
    }
  }
}

/** @param {string} path */
async function get(path) {
  return request(path, {});
}

/**
 * @param {string} path
 * @param {RequestInit} init
 */
async function request(path, init) {
  const response = await fetch(`${EDITOR}${path}`, init);
  const text = await response.text();
  if (!response.ok) throw new Error(`${path} answered ${response.status}: expected 2xx. ${text}`);
  return text;
}
