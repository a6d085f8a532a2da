/**
 * `npm start`: audits the shop while the world around it runs in a process of its own.
 *
 *   node examples/shop/start.mjs [option of `outwitness run` …]
 *
 * Without `--data` each start has a data directory of its own, so that the verdict speaks of this start alone.
 */
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';

import { installPlugins } from './install-plugins.js';

const SHOP = import.meta.dirname;
const ROOT = join(SHOP, '../..');
const OUTWITNESS = join(ROOT, 'packages/cli/bin/outwitness.js');
const RUNS = join(ROOT, '.outwitness/shop');
/** Data directories of earlier starts that stay. */
const KEPT_RUNS = 4;

const options = process.argv.slice(2);
if (!options.includes('--data')) options.push('--data', freshData());

installPlugins();
const temporary = mkdtempSync(join(tmpdir(), 'outwitness-shop-'));
const world = fork(join(SHOP, 'world/main.js'));
try {
  const [{ authority, environment }] = await once(world, 'message');
  const authorityFile = join(temporary, 'authority.pem');
  writeFileSync(authorityFile, authority);
  const port = await freePort();
  const shop = spawn(
    process.execPath,
    [OUTWITNESS, 'run', ...options, '--', process.execPath, join(SHOP, 'server.js')],
    {
      cwd: SHOP,
      stdio: 'inherit',
      env: { ...process.env, ...environment, SHOP_PORT: String(port), NODE_EXTRA_CA_CERTS: authorityFile },
    },
  );
  const ended = once(shop, 'exit');
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => shop.kill(signal));
  world.send({ shop: `http://127.0.0.1:${port}` });
  const [code, signal] = await ended;
  process.exitCode = code ?? 128 + constants.signals[signal];
} finally {
  if (world.connected) world.disconnect();
  rmSync(temporary, { recursive: true, force: true });
}

/** Names sort by time. */
function freshData() {
  const earlier = globSync('*', { cwd: RUNS }).toSorted();
  for (const run of earlier.slice(0, Math.max(0, earlier.length - KEPT_RUNS))) {
    rmSync(join(RUNS, run), { recursive: true, force: true });
  }
  const data = join(RUNS, `${new Date().toISOString().replace(/[:.]/g, '-')}-${process.pid}`);
  mkdirSync(data, { recursive: true });
  process.stderr.write(`data directory of this start: ${data}\n`);
  return data;
}

/** @returns {Promise<number>} a port on loopback that was free a moment ago */
async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
