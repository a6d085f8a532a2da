/** A real server on loopback over the ledger in memory, and a client that behaves like the page in a browser. */
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

import { createServer, type Role, type RunningServer, type ServerOptions } from '../src/index.ts';
import { MemoryBackend } from './memory/backend.ts';

export interface Answer {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly text: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- an answer of any shape, looked into by assertions
  readonly json: any;
}

export interface Served {
  readonly backend: MemoryBackend;
  readonly server: RunningServer;
  /** Sends the headers of a same-origin request unless told otherwise; `undefined` leaves one out. */
  readonly ask: (method: string, path: string, options?: Ask) => Promise<Answer>;
  /** @returns the cookie of a new session */
  readonly signIn: (role?: Role) => Promise<string>;
}

export interface Ask {
  readonly headers?: Record<string, string | undefined>;
  readonly body?: unknown;
  readonly cookie?: string;
}

export function builtDashboard(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'outwitness-dashboard-'));
  t.after(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>Outwitness</title>');
  writeFileSync(join(folder, 'assets', 'main-abc123.js'), 'export {};');
  writeFileSync(join(folder, 'secret.key'), 'not for anybody');
  return folder;
}

export async function serve(t: TestContext, options: Partial<ServerOptions> = {}): Promise<Served> {
  const backend = new MemoryBackend(options.now);
  const server = await createServer({ backend, dashboard: builtDashboard(t), ...options });
  t.after(() => server.close());
  const ask: Served['ask'] = (method, path, asked = {}) => send(server, method, path, asked);
  return {
    backend,
    server,
    ask,
    signIn: async (role = 'operator') => {
      const answer = await ask('POST', '/api/session', { body: { token: (await server.issueToken(role)).token } });
      return cookieOf(answer);
    },
  };
}

export function cookieOf(answer: Answer): string {
  const [cookie = ''] = answer.headers['set-cookie'] ?? [];
  return cookie.split(';', 1)[0] ?? '';
}

function send(server: RunningServer, method: string, path: string, { headers, body, cookie }: Ask): Promise<Answer> {
  const all: Record<string, string | undefined> = {
    host: `127.0.0.1:${server.port}`,
    'sec-fetch-site': 'same-origin',
    ...(method === 'GET' ? {} : { origin: server.url }),
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(cookie === undefined ? {} : { cookie }),
    ...headers,
  };
  const given = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
  return new Promise((resolve, reject) => {
    // Not fetch: a browser and fetch both refuse to send a foreign Host, an attacker's program does not.
    const sent = request(
      { host: '127.0.0.1', port: server.port, method, path, headers: given, agent: false },
      (answer) => {
        answer.setEncoding('utf8');
        let text = '';
        answer.on('data', (chunk) => (text += chunk));
        answer.on('end', () => {
          const isJson = String(answer.headers['content-type']).startsWith('application/json');
          const json = isJson ? JSON.parse(text) : undefined;
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text, json });
        });
      },
    );
    sent.on('error', reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
