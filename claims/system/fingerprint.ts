import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Request {
  readonly method: string;
  readonly scheme: string;
  readonly host: string;
  readonly port: number;
  /** With its query. */
  readonly path: string;
}

/**
 * Computes what the agent writes into `fingerprint`, with the key that the collector wrote into agent.json: so a row can
 * be found again by somebody who knows the whole request. HMAC-SHA-256 over `<bytes>:<field>` of method, scheme, host,
 * port, path and query, cut to 16 bytes of hex.
 */
export function fingerprintsOf(data: string): (request: Request) => string {
  const { fingerprintKey } = JSON.parse(readFileSync(join(data, 'agent.json'), 'utf8')) as { fingerprintKey: string };
  const key = Buffer.from(fingerprintKey, 'hex');
  return ({ method, scheme, host, port, path }) => {
    const [bare = '', query = ''] = path.split('?', 2);
    const text = [method, scheme, host, `${port}`, bare, query].map((field) => `${Buffer.byteLength(field)}:${field}`);
    return createHmac('sha256', key).update(text.join('')).digest('hex').slice(0, 32);
  };
}
