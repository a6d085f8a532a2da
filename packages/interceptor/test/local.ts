import http from 'node:http';
import type https from 'node:https';
import type net from 'node:net';
import type { AddressInfo } from 'node:net';

export function listen(server: net.Server, ...where: [] | [string]): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    const ready = (): void =>
      resolve(typeof server.address() === 'string' ? 0 : (server.address() as AddressInfo).port);
    if (where[0] === undefined) server.listen(0, '127.0.0.1', ready);
    else server.listen(where[0], ready);
  });
}

export function close(server: net.Server): Promise<void> {
  if (server instanceof http.Server) server.closeAllConnections();
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}

export interface Answer {
  status: number;
  body: string;
}

/** One request; rejects with the request's error. */
export function request(
  options: https.RequestOptions,
  body?: string,
  via: { request: typeof http.request } = http,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    // The global agent would keep the connection of one test for the next.
    const own = options.createConnection === undefined && options.agent === undefined ? { agent: false } : {};
    const req = via.request({ ...own, ...options }, (res) => {
      let text = '';
      res.setEncoding('utf8');
      res.on('data', (chunk: string) => {
        text += chunk;
      });
      res.on('error', reject);
      res.on('end', () => resolve({ status: res.statusCode ?? 0, body: text }));
    });
    req.on('error', reject);
    req.end(body);
  });
}

/** Waits for the end, errors or not (`events.once` rejects at 'error'). */
export function ended(emitter: NodeJS.EventEmitter): Promise<void> {
  return new Promise((resolve) => {
    emitter.on('error', () => undefined);
    emitter.once('close', resolve);
  });
}
