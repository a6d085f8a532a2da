/** Asks Vendor's licence service, by `node:https` over a connection that is kept. */
import https from 'node:https';

/**
 * @param {{ url: string, key: string, lookup: import('node:net').LookupFunction }} options
 */
export function createLicence({ url, key, lookup }) {
  const agent = new https.Agent({ keepAlive: true, lookup });
  return {
    /** @returns {Promise<boolean>} */
    check: () =>
      new Promise((resolve, reject) => {
        const body = JSON.stringify({ key });
        const request = https.request(new URL('/v1/check', url), {
          agent,
          method: 'POST',
          headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
        });
        request.once('error', reject);
        request.once('response', (response) => {
          response.resume();
          response.once('error', reject);
          response.once('end', () => resolve(response.statusCode === 204));
        });
        request.end(body);
      }),
    close: () => agent.destroy(),
  };
}
