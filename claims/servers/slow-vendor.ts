/** A server on loopback that takes its time, knows which of its callers have been answered, and can kill a caller while it waits. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request: `/RUN/PID-…?wait=MS`. */
export interface Arrival {
  /** With its query. */
  readonly path: string;
  readonly run: string;
  readonly pid: number;
  /** The answer was handed over while the caller was there. */
  answered: boolean;
}

export interface SlowVendor extends AsyncDisposable {
  readonly port: number;
  readonly arrivals: readonly Arrival[];
  onArrival(listener: (arrival: Arrival) => void): void;
  /** Sends SIGKILL; none of the process's calls is answered from then on. */
  kill(pid: number): void;
}

/** Answers each request with 200 after the milliseconds that its query asks for. */
export async function startSlowVendor(): Promise<SlowVendor> {
  const arrivals: Arrival[] = [];
  const listeners: ((arrival: Arrival) => void)[] = [];
  const killed = new Set<number>();
  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    const path = request.url ?? '';
    const [, run = '', pid = '', wait = '0'] = /^\/([^/]+)\/(\d+)-.*[?&]wait=(\d+)/.exec(path) ?? [];
    const arrival: Arrival = { path, run, pid: Number(pid), answered: false };
    arrivals.push(arrival);
    for (const listener of listeners) listener(arrival);
    request.resume();
    setTimeout(() => {
      if (response.destroyed || killed.has(arrival.pid)) return;
      arrival.answered = true;
      response.end('ok\n');
    }, Number(wait));
  });
  server.on('clientError', (_error, socket) => socket.destroy());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    arrivals,
    onArrival: (listener) => void listeners.push(listener),
    kill: (pid) => {
      killed.add(pid);
      process.kill(pid, 'SIGKILL');
    },
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
