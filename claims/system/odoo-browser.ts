/** Somebody at Odoo in a browser: a session, calls of the web client, pages that are opened. */
import { request } from 'node:http';

export interface OdooPage {
  readonly status: number;
  readonly location: string;
  readonly text: string;
}

export class OdooBrowser {
  readonly #port: number;
  #cookie = '';
  /** Requests sent so far. */
  sent = 0;

  private constructor(port: number) {
    this.#port = port;
  }

  /** Signs in as the web client does. */
  static async signIn(port: number, database: string, login: string, password: string): Promise<OdooBrowser> {
    const browser = new OdooBrowser(port);
    const result = await browser.#rpc('/web/session/authenticate', { db: database, login, password });
    if (typeof (result as { uid?: unknown }).uid !== 'number') throw new Error(`${login} could not sign in to Odoo`);
    return browser;
  }

  /** Calls a method of a model; an error of Odoo's is thrown with its message. */
  // oxlint-disable-next-line typescript/no-explicit-any -- whatever the method of that model gives
  async call(model: string, method: string, args: readonly unknown[] = [], kwargs: object = {}): Promise<any> {
    return this.#rpc(`/web/dataset/call_kw/${model}/${method}`, { model, method, args, kwargs });
  }

  /** Runs an action as a click on its menu does. */
  // oxlint-disable-next-line typescript/no-explicit-any -- the next action, of any kind
  async run(action: number): Promise<any> {
    return this.#rpc('/web/action/run', { action_id: action });
  }

  async open(path: string, headers: Record<string, string> = {}, form?: string): Promise<OdooPage> {
    const { status, location, text } = await this.#send(form === undefined ? 'GET' : 'POST', path, headers, form);
    return { status, location, text };
  }

  /** The id behind an external one. */
  async ref(module: string, name: string): Promise<number> {
    const found = await this.call('ir.model.data', 'search_read', [
      [
        ['module', '=', module],
        ['name', '=', name],
      ],
      ['res_id'],
    ]);
    return (found as { res_id: number }[])[0]?.res_id ?? 0;
  }

  async #rpc(path: string, params: object): Promise<unknown> {
    const body = JSON.stringify({ jsonrpc: '2.0', method: 'call', id: 1, params });
    const { status, text } = await this.#send('POST', path, { 'content-type': 'application/json' }, body);
    if (status !== 200) throw new Error(`${path}: status ${status}: ${text.slice(0, 500)}`);
    const { result, error } = JSON.parse(text) as { result?: unknown; error?: { data?: { message?: string } } };
    if (error !== undefined) throw new Error(error.data?.message ?? 'an error without words');
    return result;
  }

  async #send(method: string, path: string, headers: Record<string, string>, body?: string): Promise<OdooPage> {
    this.sent++;
    const kind = body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' };
    const all = { ...kind, ...headers, ...(this.#cookie === '' ? {} : { cookie: this.#cookie }) };
    return new Promise((resolve, reject) => {
      const place = { host: '127.0.0.1', port: this.#port, method, path, headers: all, agent: false };
      const sent = request(place, (answer) => {
        let text = '';
        for (const line of answer.headers['set-cookie'] ?? [])
          if (line.startsWith('session_id=')) this.#cookie = line.split(';', 1)[0] ?? '';
        answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        answer.on('end', () =>
          resolve({ status: answer.statusCode ?? 0, location: answer.headers.location ?? '', text }),
        );
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }
}
