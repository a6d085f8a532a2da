import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, beforeEach, describe, it } from 'node:test';
import { selfSigned } from './certificate.ts';
import { Collector, delay, until } from './collect.ts';

const collector = new Collector();
const watcher = collector.install();
const identity = selfSigned();
after(() => watcher.uninstall());

const FIRST_MS = 60;
const REST_MS = 120;
const PAGE = path.join(tmpdir(), `outwitness-first-byte-${process.pid}`);
writeFileSync(PAGE, 'page');
after(() => rmSync(PAGE));

/** Ways to answer: the first byte after FIRST_MS, the last REST_MS later. */
const handlers: { readonly [way: string]: (res: http.ServerResponse | http2.Http2ServerResponse) => void } = {
  'written in parts': (res) =>
    void delay(FIRST_MS)
      .then(() => (res as http.ServerResponse).write('a'))
      .then(() => delay(REST_MS))
      .then(() => res.end('b')),
  'the head flushed': (res) =>
    void delay(FIRST_MS)
      .then(() => (res as http.ServerResponse).flushHeaders())
      .then(() => delay(REST_MS))
      .then(() => res.end('b')),
};

describe('time to the first byte of an inbound row', () => {
  beforeEach(() => collector.clear());

  async function times(): Promise<{ first: number; whole: number }> {
    await until(() => collector.opens('in').some(({ call }) => collector.done({ call }) !== undefined));
    const done = collector.done({ call: collector.opens('in')[0]?.call ?? 0 });
    assert.ok(done?.ttfbUs !== undefined, 'no ttfbUs');
    return { first: done.ttfbUs / 1000, whole: (done.durationUs ?? 0) / 1000 };
  }

  async function at(
    server: http.Server | http2.Http2Server,
    visit: (port: number) => Promise<void>,
  ): Promise<{ first: number; whole: number }> {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
    await visit((server.address() as AddressInfo).port);
    const found = await times();
    await new Promise((resolve) => server.close(resolve));
    assert.equal(watcher.faults, 0);
    return found;
  }

  function get(port: number, via: typeof http | typeof https = http): Promise<void> {
    return new Promise((resolve, reject) => {
      via
        .get({ host: '127.0.0.1', port, agent: false, rejectUnauthorized: false } as https.RequestOptions, (res) => {
          res.resume().on('end', resolve);
        })
        .on('error', reject);
    });
  }

  function getStream(port: number): Promise<void> {
    return new Promise((resolve) => {
      const session = http2.connect(`http://127.0.0.1:${port}`);
      session
        .request({ ':path': '/' })
        .resume()
        .on('close', () => {
          session.close();
          resolve();
        });
    });
  }

  /** Timers may fire up to a millisecond early; the handler's clock began after the row's. */
  function between({ first, whole }: { first: number; whole: number }): void {
    assert.ok(first >= FIRST_MS - 2, `first byte after ${first} ms: expected at least ${FIRST_MS}`);
    assert.ok(whole - first >= REST_MS - 2, `last byte ${whole - first} ms after the first: expected ${REST_MS}`);
  }

  for (const [way, handler] of Object.entries(handlers)) {
    it(`http, ${way}`, async () =>
      between(
        await at(
          http.createServer((_req, res) => handler(res)),
          get,
        ),
      ));
    it(`https, ${way}`, { skip: identity === undefined && 'no openssl' }, async () =>
      between(
        await at(
          https.createServer({ ...identity }, (_req, res) => handler(res)),
          (port) => get(port, https),
        ),
      ),
    );
    it(`http2, ${way}`, async () =>
      between(
        await at(
          http2.createServer((_req, res) => handler(res)),
          getStream,
        ),
      ));
  }

  it('a head that is written early leaves with the first part of the body', async () => {
    const server = http.createServer((_req, res) => {
      res.writeHead(200);
      void delay(FIRST_MS).then(() => res.end('a'));
    });
    const { first } = await at(server, get);
    assert.ok(first >= FIRST_MS - 2, `${first} ms`);
  });

  it('100 Continue is no answer', async () => {
    const server = http.createServer().on('checkContinue', (req: http.IncomingMessage, res: http.ServerResponse) => {
      res.writeContinue();
      req.resume().on('end', () => void delay(FIRST_MS).then(() => res.end('a')));
    });
    const { first } = await at(
      server,
      (port) =>
        new Promise((resolve) => {
          const req = http.request({
            host: '127.0.0.1',
            port,
            method: 'POST',
            agent: false,
            headers: { expect: '100-continue' },
          });
          req.on('continue', () => req.end('body')).on('response', (res) => res.resume().on('end', resolve));
          req.flushHeaders();
        }),
    );
    assert.ok(first >= FIRST_MS - 2, `${first} ms`);
  });

  it('a file by a stream of http2', async () => {
    const server = http2.createServer().on('stream', (stream) => {
      void delay(FIRST_MS).then(() => stream.respondWithFile(PAGE));
    });
    const { first, whole } = await at(server, getStream);
    assert.ok(first >= FIRST_MS - 2 && first <= whole, `${first} of ${whole} ms`);
  });

  it('a handler that never answers has none', async () => {
    const server = http.createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
    const { port } = server.address() as AddressInfo;
    const req = http.get({ host: '127.0.0.1', port, agent: false }).on('error', () => undefined);
    await until(() => collector.opens('in').length === 1);
    req.destroy();
    const { call } = collector.opens('in')[0] ?? { call: 0 };
    await until(() => collector.done({ call }) !== undefined);
    assert.equal(collector.done({ call })?.ttfbUs, undefined);
    await new Promise((resolve) => server.close(resolve));
  });
});
