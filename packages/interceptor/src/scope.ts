import type { Call } from './call.ts';
import type { Queue } from './channels/undici-waiting.ts';
import type { Connection } from './connection.ts';
import type { Origin } from './ports.ts';

/**
 * What is being done right now, in the synchronous part of a wrapped function. Set by `inspect`, put back by `leave` of the same point.
 */
export class Scope {
  /** The call for which an http agent is making or choosing a connection. */
  call: Call | undefined = undefined;
  /** The connection whose socket is in `connect()`: a look-up of its host is its own. */
  connection: Connection | undefined = undefined;
  /** What a `dgram.Socket` is about to send to: a look-up of its host is its own. */
  datagram: Connection | undefined = undefined;
  /** What sockets were told to connect to and may not have looked up yet. */
  connecting: Connection[] = [];
  /** Who called `fetch`. */
  fetch: Origin | undefined = undefined;
  /** undici is about to connect: the next socket is its own, for a call of this queue if there is one. */
  undici: Queue | 'unknown' | undefined = undefined;
}
