import { isKnownCode } from './error-codes.ts';
import { http } from './node.ts';

/** Stands for text that is no word of its protocol. */
const MASKED = '{s}';

/** Fields of a record whose text the application or a peer may choose. */
interface Chosen {
  channel?: string;
  method?: string;
  host?: string;
  sni?: string;
  proxy?: string;
  alpn?: string;
  error?: string;
}

const METHODS: ReadonlySet<string> = new Set(http.METHODS);
const WITH_METHOD: ReadonlySet<string> = new Set(['http', 'undici', 'http2', 'websocket']);

/** Protocol ids of the IANA registry for ALPN (RFC 7301), and those of databases and brokers in use. */
const ALPN: ReadonlySet<string> = new Set(
  (
    'http/0.9 http/1.0 http/1.1 spdy/1 spdy/2 spdy/3 stun.turn stun.nat-discovery h2 h2c webrtc c-webrtc ftp imap pop3 managesieve coap co ' +
    'xmpp-client xmpp-server acme-tls/1 mqtt dot ntske/1 sunrpc h3 smb irc nntp nnsp doq sip/2 tds/8.0 dicom postgresql radius/1.0 radius/1.1 ' +
    'netperfmeter/data netperfmeter/control grpc-exp amqp redis mongodb x-amzn-mqtt-ca x-amzn-http-ca'
  ).split(' '),
);

/** Letters, digits and the signs of names (of any script) or of an IPv6 address with its zone. */
const HOST = /^(?:[\p{L}\p{N}\p{M}._~*-]+|[0-9a-f:.]+(?:%[\w.-]+)?)$/u;

/**
 * The last look at a record before it leaves the watcher: a method, an ALPN id, an error code stays only if it is a word of its protocol; a host only if it is one, without what stands before an `@`.
 *
 * @param hostName what the policy keeps of a host
 */
export function seal(made: object, hostName: (host: string) => string): void {
  const record = made as Chosen;
  if (record.method !== undefined && WITH_METHOD.has(record.channel ?? '') && !METHODS.has(record.method))
    record.method = MASKED;
  if (record.host !== undefined) record.host = hostName(record.host);
  if (record.sni !== undefined) record.sni = hostName(record.sni);
  if (record.proxy !== undefined) {
    const colon = record.proxy.lastIndexOf(':');
    record.proxy = `${hostName(record.proxy.slice(0, colon))}${record.proxy.slice(colon)}`;
  }
  if (record.alpn !== undefined && !ALPN.has(record.alpn)) record.alpn = MASKED;
  if (record.error !== undefined && !isKnownCode(record.error)) delete record.error;
}

/** A host as asked for, without userinfo; anything that cannot be one is masked. */
export function plainlyHost(host: string): string {
  const name = host.slice(host.lastIndexOf('@') + 1);
  return name === '' || HOST.test(name) ? name : MASKED;
}
