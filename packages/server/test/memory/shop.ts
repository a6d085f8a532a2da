/** Rows as a small shop would make them: customers, a payment provider, a database, a mailer, a watched vendor. */
import type { Flat } from '@outwitness/event';

const CATALOGUE = 'c0'.repeat(32);

interface Call {
  readonly channel: string;
  readonly host: string;
  readonly port: number;
  readonly method?: string;
  readonly path?: string;
  readonly package?: string;
  readonly version?: string;
  readonly site?: string;
  readonly class: string;
  readonly vendor?: string;
  readonly declared: string;
  readonly bytesOut: number;
  readonly bytesIn: number;
}

const CALLS: readonly Call[] = [
  {
    channel: 'http',
    host: 'api.stripe.com',
    port: 443,
    method: 'POST',
    path: '/v1/charges',
    package: 'stripe',
    version: '18.2.0',
    site: 'esm/net/NodeHttpClient.js:61:24 makeRequest',
    class: 'third-party',
    declared: 'yes',
    bytesOut: 1_412,
    bytesIn: 2_980,
  },
  {
    channel: 'undici',
    host: 'hooks.slack.com',
    port: 443,
    method: 'POST',
    path: '/services/{token}/{token}',
    package: '(app)',
    site: 'src/notify.js:14:9 notify',
    class: 'third-party',
    declared: 'none',
    bytesOut: 640,
    bytesIn: 210,
  },
  {
    channel: 'tcp',
    host: 'db.internal',
    port: 5432,
    package: 'pg',
    version: '8.16.3',
    site: 'lib/connection.js:33:17 connect',
    class: 'internal',
    declared: 'yes',
    bytesOut: 18_200,
    bytesIn: 96_400,
  },
  {
    channel: 'smtp',
    host: 'smtp.postmarkapp.com',
    port: 587,
    package: 'nodemailer',
    version: '7.0.5',
    site: 'lib/smtp-connection/index.js:212:28 connect',
    class: 'third-party',
    declared: 'yes',
    bytesOut: 4_820,
    bytesIn: 390,
  },
  {
    channel: 'http',
    host: 'licence.acme.test',
    port: 443,
    method: 'POST',
    path: '/v2/check',
    package: 'acme-licence',
    version: '3.1.4',
    site: 'lib/check.js:22:11 check',
    class: 'vendor',
    vendor: 'Acme',
    declared: 'yes',
    bytesOut: 402,
    bytesIn: 188,
  },
  {
    channel: 'undici',
    host: 'cdn.fonts-metrics.io',
    port: 443,
    method: 'GET',
    path: '/p/{hex}',
    package: 'pretty-fonts',
    version: '0.4.1',
    site: 'index.js:1:2210 o',
    class: 'unclassified',
    declared: 'none',
    bytesOut: 890,
    bytesIn: 43,
  },
];

export function outbound(time: number, index: number, changes: Flat = {}): Flat {
  const call = CALLS[index % CALLS.length];
  if (call === undefined) throw new Error('no call');
  const http = call.method !== undefined;
  return {
    kind: 'net',
    time,
    direction: 'out',
    channel: call.channel,
    host: call.host,
    port: call.port,
    ...(http
      ? { scheme: 'https', protocol: 'http/1.1', method: call.method ?? '', path: call.path ?? '', status: 200 }
      : {}),
    ...(http ? { requestHeaders: ['accept', 'authorization', 'content-type', 'host', 'user-agent'] } : {}),
    ...(call.package === undefined
      ? {}
      : { package: call.package, site: call.site ?? '', chain: [call.package, '(app)'] }),
    ...(call.version === undefined ? {} : { packageVersion: call.version }),
    ...(call.vendor === undefined ? {} : { vendor: call.vendor, component: 'licence' }),
    ...(http ? { tls: 'TLSv1.3', sni: call.host, alpn: 'http/1.1', certSha256: 'ab'.repeat(32) } : {}),
    basis: 'stack',
    outcome: index % 37 === 36 ? 'timeout' : 'ok',
    phase: 'whole',
    bytesOut: call.bytesOut + (index % 7) * 31,
    bytesIn: call.bytesIn + (index % 11) * 53,
    bytesBasis: http ? 'plaintext' : 'transport',
    durationUs: 18_000 + (index % 13) * 4_100,
    ttfbUs: 11_000 + (index % 13) * 3_000,
    peerAddress: `203.0.113.${10 + (index % CALLS.length)}`,
    peerPort: call.port,
    localAddress: '10.0.0.5',
    localPort: 40_000 + (index % 1_000),
    class: call.class,
    declared: call.declared,
    catalogue: CATALOGUE,
    fingerprint: 'f1'.repeat(16),
    app: 'shop',
    pid: 4_711,
    thread: 0,
    spool: 'shop-4711-0-a1b2',
    spoolSeq: index,
    call: index,
    ...changes,
  };
}

export function inbound(time: number, index: number): Flat {
  return {
    kind: 'net',
    time,
    direction: 'in',
    channel: 'http',
    scheme: 'http',
    protocol: 'http/1.1',
    method: index % 5 === 0 ? 'POST' : 'GET',
    host: 'shop.example.test',
    port: 8_080,
    listener: '127.0.0.1',
    path: index % 5 === 0 ? '/checkout' : '/product/{n}',
    status: 200,
    outcome: 'ok',
    phase: 'whole',
    bytesOut: 5_200 + (index % 9) * 410,
    bytesIn: 620,
    bytesBasis: 'plaintext',
    durationUs: 2_900,
    peerAddress: '10.0.0.9',
    peerPort: 51_000 + (index % 500),
    localAddress: '127.0.0.1',
    localPort: 8_080,
    package: 'fastify',
    packageVersion: '5.12.8',
    site: 'lib/server.js:88:12 listen',
    basis: 'stack',
    class: 'internal',
    declared: 'none',
    catalogue: CATALOGUE,
    app: 'shop',
    pid: 4_711,
    thread: 0,
    spool: 'shop-4711-0-a1b2',
    spoolSeq: 100_000 + index,
    call: 100_000 + index,
  };
}
