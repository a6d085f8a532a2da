import assert from 'node:assert/strict';
import { get, type IncomingMessage } from 'node:http';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import type { HeadJson } from '../src/index.ts';
import { LIMITS } from '../src/limits.ts';
import { outbound } from './memory/shop.ts';
import { type Served, serve } from './served.ts';

interface Stream {
  readonly answer: IncomingMessage;
  readonly heads: HeadJson[];
  readonly ended: Promise<void>;
}

function open({ server }: Served, cookie: string): Promise<Stream> {
  return new Promise((resolve, reject) => {
    const headers = { host: `127.0.0.1:${server.port}`, cookie, 'sec-fetch-site': 'same-origin' };
    const asked = get({ host: '127.0.0.1', port: server.port, path: '/api/live', headers, agent: false }, (answer) => {
      const heads: HeadJson[] = [];
      answer.setEncoding('utf8');
      answer.on('data', (chunk: string) => {
        for (const [, data] of chunk.matchAll(/^event: head\ndata: (.+)$/gm))
          heads.push(JSON.parse(data ?? '') as HeadJson);
      });
      const ended = new Promise<void>((end) => answer.on('close', end));
      resolve({ answer, heads, ended });
    });
    asked.on('error', reject);
  });
}

const now = (): number => Date.now() * 1000;

test('a new row is told within a second; rows of Outwitness itself are not', async (t) => {
  const served = await serve(t);
  const stream = await open(served, await served.signIn());
  assert.equal(stream.answer.headers['content-type'], 'text/event-stream');
  await sleep(LIMITS.headEveryMs + 100);
  const before = stream.heads.length;
  assert.deepEqual(stream.heads.at(-1), served.backend.head());

  served.backend.commit({ ...outbound(now(), 0), app: 'outwitness' });
  await sleep(500);
  assert.equal(stream.heads.length, before);

  served.backend.commit(outbound(now(), 0));
  await sleep(500);
  assert.deepEqual(stream.heads.at(-1), served.backend.head());
});

test('a burst of commits becomes few words, the last of them the newest', async (t) => {
  const served = await serve(t);
  const stream = await open(served, await served.signIn());
  for (let i = 0; i < 100; i++) served.backend.commit(outbound(now(), i));
  await sleep(2 * LIMITS.headEveryMs + 100);
  assert.ok(stream.heads.length <= 4, `${stream.heads.length} heads`);
  assert.equal(stream.heads.at(-1)?.size, served.backend.head().size);
});

test('signing out ends the stream, and no stream opens without a session', async (t) => {
  const served = await serve(t);
  const cookie = await served.signIn();
  const stream = await open(served, cookie);
  await served.ask('DELETE', '/api/session', { cookie });
  await stream.ended;
  const refused = await open(served, cookie);
  assert.equal(refused.answer.statusCode, 401);
});

test('closing does not wait for open streams', async (t) => {
  const served = await serve(t);
  const cookie = await served.signIn();
  const streams = await Promise.all([1, 2, 3].map(() => open(served, cookie)));
  const start = performance.now();
  await served.server.close();
  await Promise.all(streams.map(({ ended }) => ended));
  assert.ok(performance.now() - start < 2_000);
});

test('no more streams than the limit', async (t) => {
  const served = await serve(t);
  const cookie = await served.signIn();
  for (let i = 0; i < LIMITS.streams; i++) await open(served, cookie);
  const refused = await open(served, cookie);
  assert.equal(refused.answer.statusCode, 503);
});
