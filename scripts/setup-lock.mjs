/** One set-up at a time in one clone, so that `npm start` beside `npm test` finds a whole node_modules and dist. */
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';

const RETRY_MS = 200;

/**
 * Runs `work` while holding the lock file, which names the process that holds it. A lock whose process is gone
 * (killed in the middle) is taken over; the next set-up repairs what the killed one left undone.
 *
 * @param {string} path
 * @param {() => Promise<void>} work
 */
export async function withSetupLock(path, work) {
  let announced = false;
  while (!take(path)) {
    const holder = holderOf(path);
    if (holder !== undefined && isAlive(holder)) {
      if (!announced) process.stderr.write(`waiting for the set-up that process ${holder} runs in this folder\n`);
      announced = true;
      await sleep(RETRY_MS);
    } else {
      discard(path, holder);
    }
  }
  const release = () => {
    if (holderOf(path) === process.pid) rmSync(path, { force: true });
  };
  process.once('exit', release);
  try {
    await work();
  } finally {
    process.off('exit', release);
    release();
  }
}

/**
 * The file appears with its content in one step (link), so nobody reads a lock without a holder.
 *
 * @param {string} path
 */
function take(path) {
  const own = `${path}.${process.pid}`;
  writeFileSync(own, `${process.pid}\n`);
  try {
    linkSync(own, path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(own, { force: true });
  }
}

/**
 * Removes the lock of a dead holder. Two processes may try at once: the one that finds that it moved somebody
 * else's fresh lock puts it back.
 *
 * @param {string} path
 * @param {number | undefined} deadHolder
 */
function discard(path, deadHolder) {
  const aside = `${path}.${process.pid}.dead`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw error;
  }
  try {
    if (holderOf(aside) !== deadHolder) linkSync(aside, path);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

/** @param {string} path */
function holderOf(path) {
  try {
    const pid = Number.parseInt(readFileSync(path, 'utf8'), 10);
    return Number.isNaN(pid) ? undefined : pid;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

/** @param {unknown} error */
function codeOf(error) {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
