/** Which requests come from our own page: the guard against DNS rebinding and cross-site requests. */
import type { FastifyRequest } from 'fastify';

import { ApiError } from './errors.ts';

export class OwnOrigins {
  readonly #origins = new Set<string>();
  readonly #hosts = new Set<string>();

  /** @param origin as a browser writes it: scheme, host, port if it is not the scheme's own */
  add(origin: string): void {
    const url = new URL(origin);
    this.#origins.add(url.origin);
    this.#hosts.add(url.host);
  }

  /**
   * A page that rebinds its own name to our address still sends its own name as Host. Another site's page may send a
   * request but can neither forge Origin nor Sec-Fetch-Site.
   *
   * @throws ApiError `wrong-host`, `cross-site`
   */
  check(request: FastifyRequest): void {
    const { host, origin, 'sec-fetch-site': site } = request.headers;
    if (host === undefined || !this.#hosts.has(host.toLowerCase())) {
      throw new ApiError(
        'wrong-host',
        `This server answers to ${[...this.#hosts].join(', ')}, not to ${host ?? 'no name'}.`,
      );
    }
    if (!isApi(request)) return;
    const changes = request.method !== 'GET' && request.method !== 'HEAD';
    const foreignOrigin = origin === undefined ? changes : !this.#origins.has(origin);
    const foreignSite = site !== undefined && site !== 'same-origin' && (site !== 'none' || changes);
    if (foreignOrigin || foreignSite) {
      throw new ApiError('cross-site', 'Only pages of this server may use its API. Open the Trust Report itself.');
    }
  }
}

export function isApi(request: FastifyRequest): boolean {
  return request.url === '/api' || request.url.startsWith('/api/');
}
