/** Speaks to the API as the page does: signed in by a one-time link, with the cookie and Origin of the server's own page. */
import { request as ask } from 'node:http';

export interface ApiAnswer {
  readonly status: number;
  // oxlint-disable-next-line typescript/no-explicit-any -- an answer of any shape, looked into by assertions
  readonly json: any;
  readonly text: string;
}

export interface BrowserSession {
  readonly origin: string;
  readonly cookie: string;
  send(method: string, path: string, body?: unknown): Promise<ApiAnswer>;
}

/** Sends one request; `cookie` `''` is none. */
export async function send(
  origin: string,
  cookie: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<ApiAnswer & { readonly setCookie: string }> {
  const headers = {
    ...(cookie === '' ? {} : { cookie }),
    ...(method === 'GET' ? {} : { origin }),
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  };
  return new Promise((resolve, reject) => {
    const sent = ask(`${origin}${path}`, { method, headers, agent: false }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      answer.on('end', () => {
        const [setCookie = ''] = (answer.headers['set-cookie'] ?? []).map((line) => line.split(';', 1)[0] ?? '');
        const isJson = String(answer.headers['content-type']).startsWith('application/json');
        resolve({ status: answer.statusCode ?? 0, text, json: isJson ? JSON.parse(text) : undefined, setCookie });
      });
    });
    sent.on('error', reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** @param link as printed: `http://127.0.0.1:PORT/#token=…` */
export async function openLink(link: string): Promise<BrowserSession> {
  const [, origin = '', token = ''] = /^(https?:\/\/[^/]+)\/#token=(\S+)$/.exec(link) ?? [];
  const { status, text, setCookie } = await send(origin, '', 'POST', '/api/session', { token });
  if (status !== 201) throw new Error(`sign-in: expected status 201, got ${status} ${text}`);
  return { origin, cookie: setCookie, send: (method, path, body) => send(origin, setCookie, method, path, body) };
}
