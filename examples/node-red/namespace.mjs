/** Runs a program where there is no network but loopback. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';

/** Root needs no user namespace; others become root in one of their own. */
const WAYS = [
  ['--net', '--kill-child'],
  ['--net', '--kill-child', '--user', '--map-root-user'],
];
const LOOPBACK_UP = 'ip link set lo up && exec "$0" "$@"';

/**
 * Ends with the program's exit code. A refused namespace is an error: nothing is run in the open instead.
 *
 * @param {readonly string[]} command program and arguments
 * @returns {Promise<number>}
 */
export async function runWithoutNetwork(command) {
  const way = WAYS.find((flags) => spawnSync('unshare', [...flags, 'sh', '-c', LOOPBACK_UP, 'true']).status === 0);
  if (way === undefined) {
    throw new Error(
      'No network namespace to be had: expected "unshare --net" (util-linux) and "ip" (iproute2) to work here, ' +
        'as root or with user namespaces. Run this on a Linux that allows them.',
    );
  }
  const child = spawn('unshare', [...way, 'sh', '-c', LOOPBACK_UP, ...command], { stdio: ['ignore', 2, 2] });
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => child.kill());
  const [code] = await once(child, 'exit');
  return Number(code ?? 1);
}
