import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { canonical, CONTROL_EVENTS, type ControlEvent, parseCanonical } from '@outwitness/event';
import { CONTROL_TIMEOUT_MS } from './defaults.ts';
import { collectorError } from './errors.ts';

/** What another process of ours asks the collector to write down. */
export interface ControlRequest {
  event: ControlEvent;
  actor: string;
  text: string;
}

/** A request found in `control/`. */
export interface PendingControl extends ControlRequest {
  name: string;
}

const REQUEST = /^[0-9a-z-]{1,64}\.request$/;

/**
 * Asks the collector that holds the lock for a control row and returns once it is committed. What must not happen unrecorded waits for this.
 *
 * @throws OutwitnessError `control-unanswered` after 5 s
 */
export async function requestControl(folder: string, request: ControlRequest): Promise<void> {
  const name = `${process.pid}-${Date.now().toString(36)}-${randomBytes(4).toString('hex')}`;
  const path = join(folder, `${name}.request`);
  const done = join(folder, `${name}.done`);
  writeFileSync(`${path}.new`, `${canonical({ event: request.event, actor: request.actor, text: request.text })}\n`, {
    mode: 0o600,
    flag: 'wx',
  });
  renameSync(`${path}.new`, path);
  const until = Date.now() + CONTROL_TIMEOUT_MS;
  while (Date.now() < until) {
    if (exists(done)) {
      rmSync(done, { force: true });
      return;
    }
    await sleep(50);
  }
  rmSync(path, { force: true });
  throw collectorError(
    'control-unanswered',
    `the collector wrote no row for "${request.event}" within ${CONTROL_TIMEOUT_MS / 1_000} s: nothing was done. Look at it with: outwitness status`,
  );
}

/** Requests that wait, oldest first; damaged ones are removed. */
export function waitingRequests(folder: string): PendingControl[] {
  const found: PendingControl[] = [];
  for (const name of readdirSync(folder)
    .filter((one) => REQUEST.test(one))
    .sort()) {
    const request = parseRequest(join(folder, name));
    if (request === undefined) rmSync(join(folder, name), { force: true });
    else found.push({ ...request, name });
  }
  return found;
}

/** Says that the row of a request is committed. */
export function answerRequest(folder: string, name: string): void {
  renameSync(join(folder, name), join(folder, name.replace(/\.request$/, '.done')));
}

function parseRequest(path: string): ControlRequest | undefined {
  try {
    const { event, actor, text } = parseCanonical(readFileSync(path, 'utf8').trimEnd());
    if (typeof event !== 'string' || typeof actor !== 'string' || typeof text !== 'string') return undefined;
    return (CONTROL_EVENTS as readonly string[]).includes(event)
      ? { event: event as ControlEvent, actor, text }
      : undefined;
  } catch {
    return undefined;
  }
}

function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}
