import { randomBytes } from 'node:crypto';
import { existsSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Flat, OutwitnessError } from '@outwitness/event';
import { CONTROL_TIMEOUT_MS } from '../defaults.ts';
import { collectorError } from '../errors.ts';
import { readFrameFile, writeFrameFile } from './one-frame.ts';
import type { ControlAnswer, ControlRequest } from './requests.ts';

/** How often the answer is looked for, ms. */
const LOOK_MS = 20;

/**
 * Asks the collector that holds the lock and returns once what was asked for is done and its row committed. What must not happen unrecorded waits for this.
 *
 * @param folder `control/` of its data directory
 * @throws OutwitnessError `control-unanswered` after 5 s; the collector's own error if it refuses
 */
export async function askCollector(folder: string, request: ControlRequest): Promise<ControlAnswer> {
  const time = Date.now().toString(36).padStart(9, '0');
  const path = join(folder, `${time}-${process.pid}-${randomBytes(4).toString('hex')}`);
  const owner = ownerOf(folder);
  try {
    writeFrameFile(path, 'request', request as unknown as Flat, owner.give);
  } catch (cause) {
    rmSync(`${path}.new`, { force: true });
    throw collectorError(
      'control-unanswered',
      `cannot ask the collector in ${folder}: ${(cause as Error).message}. Nothing was done. Run this as the collector's user, or as root.`,
      cause,
    );
  }
  const until = Date.now() + CONTROL_TIMEOUT_MS;
  while (Date.now() < until) {
    if (existsSync(`${path}.answer`)) return take(path, owner.uids);
    await sleep(LOOK_MS);
  }
  rmSync(`${path}.request`, { force: true });
  // An answer that came in the last moment counts.
  if (existsSync(`${path}.answer`)) return take(path, owner.uids);
  throw collectorError(
    'control-unanswered',
    `the collector did not answer "${request.do}" within ${CONTROL_TIMEOUT_MS / 1_000} s: nothing was done. Look at it with: outwitness status`,
  );
}

function take(path: string, uids: readonly number[] | undefined): ControlAnswer {
  const answer = readFrameFile(`${path}.answer`, uids);
  rmSync(`${path}.answer`, { force: true });
  const { ok, code, text } = answer ?? {};
  if (answer !== undefined && ok === true) return answer;
  if (ok === false && typeof code === 'string' && typeof text === 'string') throw new OutwitnessError(code, text);
  throw collectorError(
    'control-unanswered',
    `the answer in ${path}.answer is none of the collector's: expected one frame. Nothing is known to be done; look at the newest rows with: outwitness tail`,
  );
}

/** Root asks a collector of another user in that user's name. */
function ownerOf(folder: string): { give: number | undefined; uids: readonly number[] | undefined } {
  const own = process.getuid?.();
  if (own === undefined) return { give: undefined, uids: undefined };
  const { uid } = statSync(folder, { throwIfNoEntry: false }) ?? { uid: own };
  return { give: own === 0 && uid !== 0 ? uid : undefined, uids: [uid, 0] };
}
