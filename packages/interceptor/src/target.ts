const { domainToASCII } = process.getBuiltinModule('node:url');

/** Where a request goes, before redaction. */
export interface Destination {
  scheme: string;
  host: string;
  port: number;
  /** Path and query as sent. */
  rawPath: string;
  /** `host:port` of the proxy that gets the request, if its target says that there is one. */
  proxy: string | undefined;
}

export function defaultPort(scheme: string): number {
  return scheme === 'https' || scheme === 'wss' ? 443 : 80;
}

/** Host and port of a Host header or authority: `name`, `name:1`, `[::1]:1`. What stands before an `@` names a person and no host. */
export function splitAuthority(given: string, scheme: string): { host: string; port: number } {
  const authority = given.slice(given.lastIndexOf('@') + 1);
  const bracket = authority.startsWith('[') ? authority.indexOf(']') : -1;
  const colon = authority.indexOf(':', bracket === -1 ? 0 : bracket);
  const host = bracket > 0 ? authority.slice(1, bracket) : colon === -1 ? authority : authority.slice(0, colon);
  const port = colon === -1 ? NaN : Number(authority.slice(colon + 1));
  return {
    host: plainHost(host),
    port: Number.isInteger(port) && port >= 0 && port < 65_536 ? port : defaultPort(scheme),
  };
}

// oxlint-disable-next-line no-control-regex -- ASCII as a whole
const ASCII = /^[\u0000-\u007f]*$/;

/** Lower case, no brackets, no trailing dot; in the letters of the DNS, as it is looked up: `bücher.example` and `ａ。example` must not pass for other names than they are. */
export function plainHost(host: string): string {
  let plain = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
  if (plain.endsWith('.')) plain = plain.slice(0, -1);
  if (ASCII.test(plain)) return plain.toLowerCase();
  const looked = domainToASCII(plain);
  return looked === '' ? plain.toLowerCase() : plainHost(looked);
}

/**
 * A request whose target is in absolute form (RFC 9112, 3.2.2), or which asks for a tunnel (CONNECT, its target an authority: 3.2.3), goes to a proxy: its destination is what the target says.
 *
 * @param path the target of the request as it is sent
 */
export function destination(scheme: string, host: string, port: number, path: string, method: string): Destination {
  const plain = plainHost(host);
  if (method === 'CONNECT') {
    const to = splitAuthority(path, 'https');
    if (to.host !== '') return { scheme, ...to, rawPath: '', proxy: `${plain}:${port}` };
  }
  if (path.startsWith('http://') || path.startsWith('https://')) {
    const url = URL.canParse(path) ? new URL(path) : undefined;
    if (url !== undefined) {
      const target = url.protocol.slice(0, -1);
      const to = splitAuthority(url.host, target);
      const sent = to.host !== plain || to.port !== port;
      return {
        scheme: target,
        ...to,
        rawPath: url.pathname + url.search,
        proxy: sent ? `${plain}:${port}` : undefined,
      };
    }
  }
  return { scheme, host: plain, port, rawPath: path, proxy: undefined };
}
