import type { Outcome } from '@outwitness/event';
import type { NodeError } from './node.ts';

const REFUSED = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN', 'ENETDOWN']);
const TIMEOUT = new Set([
  'ETIMEDOUT',
  'ESOCKETTIMEDOUT',
  'ETIMEOUT',
  'ERR_SOCKET_CONNECTION_TIMEOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
]);
const ABORTED = new Set([
  'ABORT_ERR',
  'UND_ERR_ABORTED',
  'UND_ERR_DESTROYED',
  'UND_ERR_CLOSED',
  'ECANCELLED',
  'ECANCELED',
]);

/** The word for what went wrong (docs/formats/event.md, `outcome`). */
export function outcomeOf(error: NodeError | undefined, connected: boolean): Outcome {
  const code = codeOf(error);
  if (code !== undefined) {
    if (REFUSED.has(code) || (code === 'ECONNRESET' && !connected && error?.syscall !== undefined)) return 'refused';
    if (TIMEOUT.has(code)) return 'timeout';
    if (ABORTED.has(code)) return 'aborted';
  }
  if (error?.name === 'AbortError') return 'aborted';
  if (error?.name === 'TimeoutError') return 'timeout';
  return 'error';
}

/** A code that may stand in a record: Node's own words only, never text of the application. */
export function codeOf(error: NodeError | undefined): string | undefined {
  const code: unknown = error?.code;
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,63}$/.test(code) ? code : undefined;
}
