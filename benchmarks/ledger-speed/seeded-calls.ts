/**
 * The calls of a busy installation, as records of the spool: 240 packages of 4 applications, 60 each, call 6,240 hosts
 * (Zipf: a few get most calls), on every channel, with paths in all forms that redaction leaves, sizes and durations of
 * a long tail, 2 % errors and 12 % inbound calls. No two calls are alike, and one seed gives the same calls everywhere.
 */
import type { Channel, Outcome } from '@outwitness/event';
import type { Unnumbered } from '@outwitness/spool';
import { seededRandom, type SeededRandom } from './seeded-random.ts';

export const APPS: readonly string[] = ['shop', 'billing', 'intranet', 'jobs'];

interface Package {
  readonly name: string;
  readonly version: string;
  readonly author: string;
  readonly hosts: readonly Host[];
  readonly files: readonly string[];
  readonly manifest: string | undefined;
}

interface Host {
  readonly name: string;
  readonly port: number;
  readonly channel: Channel;
  readonly paths: readonly string[];
  readonly address: string;
}

const PACKAGES = 240;
const HOSTS_EACH = 26;
/** Calls of one process that are open at a time. */
const LANES = 16;
const FORMS = ['{n}', '{uuid}', '{hex}', '{email}', '{token}', '{s}'];
const WORDS =
  'account address batch basket cart channel charge claim contact customer delivery discount event export feed file grant group health history import index invoice item job key label ledger list log mail media message note offer order page partner pay photo plan price product profile queue quote refund report return review role rule sale search session ship sign stock store stream sync tag task tax team ticket token track user value view vote ware web zone'.split(
    ' ',
  );
/** How often each channel is chosen for a host, of 100. */
const CHANNELS: readonly [Channel, number][] = [
  ['undici', 34],
  ['http', 34],
  ['http2', 6],
  ['websocket', 2],
  ['tls', 4],
  ['tcp', 6],
  ['smtp', 3],
  ['imap', 2],
  ['pop3', 1],
  ['dns', 3],
  ['udp', 2],
  ['unix', 2],
  ['process', 1],
];
const ERRORS: readonly [Outcome, string][] = [
  ['refused', 'ECONNREFUSED'],
  ['timeout', 'ETIMEDOUT'],
  ['aborted', 'ABORT_ERR'],
  ['error', 'ECONNRESET'],
  ['error', 'ENOTFOUND'],
  ['error', 'CERT_HAS_EXPIRED'],
];
const HEADERS =
  'accept accept-encoding accept-language authorization cache-control connection content-length content-type cookie host if-none-match origin traceparent user-agent x-api-key x-request-id'.split(
    ' ',
  );

/** What an audited process writes in one step: all of it belongs to one call. */
export type Step = readonly Unnumbered[];

/** A process of an application: the calls that it makes and gets, without end. */
export class SeededCalls {
  readonly app: string;
  readonly #random: SeededRandom;
  readonly #packages: readonly Package[];
  readonly #open: { call: number; end: (time: number) => Unnumbered }[] = [];
  #call = 0;

  /** @param process from 0: other processes make other calls of the same packages */
  constructor(seed: number, process: number) {
    this.app = APPS[process % APPS.length] ?? '';
    this.#packages = packagesOf(seed).filter((_, at) => at % APPS.length === process % APPS.length);
    this.#random = seededRandom(seed * 7919 + process * 104_729 + 1);
  }

  /** Introduces the packages, each before its first call. */
  introduction(time: number): Step {
    return this.#packages.map(({ name, version, author, manifest }) => ({
      kind: 'pkg',
      time,
      package: name,
      packageVersion: version,
      packageAuthor: author,
      ...(manifest === undefined ? {} : { manifest }),
    }));
  }

  /** Begins one call and, when enough are open, ends one. */
  next(time: number): Step {
    const records: Unnumbered[] = [];
    const call = this.#call++;
    const random = this.#random;
    const { open, end } = random.below(100) < 12 ? this.#inbound(call, time) : this.#outbound(call, time);
    records.push(open);
    this.#open.push({ call, end });
    if (this.#open.length > LANES) {
      const [ended] = this.#open.splice(random.below(LANES), 1);
      if (ended !== undefined) records.push(ended.end(time + random.below(900)));
    }
    return records;
  }

  /** Ends the calls that are open. */
  finish(time: number): Step {
    return this.#open.splice(0).map(({ end }) => end(time));
  }

  #outbound(call: number, time: number): { open: Unnumbered; end: (time: number) => Unnumbered } {
    const random = this.#random;
    const from = zipf(this.#packages, random);
    const host = zipf(from.hosts, random);
    const { channel } = host;
    const web = ['http', 'undici', 'http2', 'websocket'].includes(channel);
    const mail = ['smtp', 'imap', 'pop3'].includes(channel);
    const encrypted = host.port === 443 || channel === 'tls';
    const depth = 1 + random.below(4);
    const site = `${random.oneOf(from.files)}:${1 + random.below(900)}`;
    const via = Array.from({ length: random.below(3) }, () => zipf(this.#packages, random).name);
    const open: Unnumbered = {
      kind: 'open',
      time,
      call,
      direction: 'out',
      channel,
      package: from.name,
      packageVersion: from.version,
      site,
      basis: random.oneOf(['stack', 'stack', 'stack', 'async', 'cached', 'context'] as const),
      ...(via.length > 0 ? { via: [...new Set(via)] } : {}),
      ...(channel === 'unix' || channel === 'process' ? {} : { host: host.name, port: host.port }),
      ...(channel === 'process' ? { path: `/usr/bin/${random.oneOf(WORDS)}` } : {}),
      ...(channel === 'unix' ? { path: `/run/${random.oneOf(WORDS)}.sock` } : {}),
      ...(web ? this.#request(host, encrypted, depth) : {}),
      ...(mail ? { scheme: channel, method: random.oneOf(['DATA', 'FETCH', 'RETR', 'STORE']) } : {}),
    };
    const fails = random.below(100) < 2 ? random.oneOf(ERRORS) : undefined;
    return { open, end: (at) => this.#end(call, time, at, fails, { web, encrypted, host }) };
  }

  #request(host: Host, encrypted: boolean, depth: number): object {
    const random = this.#random;
    const path = [random.oneOf(host.paths), ...Array.from({ length: depth }, () => this.#segment())].join('/');
    const keys = Array.from({ length: random.below(4) }, () => random.oneOf(WORDS));
    return {
      scheme: `${host.channel === 'websocket' ? 'ws' : 'http'}${encrypted ? 's' : ''}`,
      method: random.oneOf(['GET', 'GET', 'GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
      path,
      ...(keys.length > 0 ? { queryKeys: [...new Set(keys)] } : {}),
      fingerprint: `${random.below(50) === 0 ? 'p.' : ''}${random.hex(32)}`,
      requestHeaders: this.#headers(3 + random.below(7)),
    };
  }

  #inbound(call: number, time: number): { open: Unnumbered; end: (time: number) => Unnumbered } {
    const random = this.#random;
    const from = zipf(this.#packages, random);
    const path = `/${random.oneOf(WORDS)}/${this.#segment()}/${random.oneOf(WORDS)}`;
    const open: Unnumbered = {
      kind: 'open',
      time,
      call,
      direction: 'in',
      channel: 'http',
      scheme: 'http',
      protocol: '1.1',
      method: random.oneOf(['GET', 'GET', 'POST']),
      host: `${random.oneOf(WORDS)}.example`,
      port: 8069,
      path,
      peerAddress: `10.${random.below(20)}.${random.below(256)}.${1 + random.below(254)}`,
      peerPort: 1024 + random.below(60_000),
      localAddress: `192.0.2.${1 + random.below(4)}`,
      localPort: 8069,
      package: from.name,
      packageVersion: from.version,
      basis: 'host',
      requestHeaders: this.#headers(5 + random.below(8)),
    };
    return {
      open,
      end: (at) => this.#end(call, time, at, undefined, { web: true, encrypted: false, host: undefined }),
    };
  }

  #end(
    call: number,
    began: number,
    time: number,
    fails: readonly [Outcome, string] | undefined,
    { web, encrypted, host }: { web: boolean; encrypted: boolean; host: Host | undefined },
  ): Unnumbered {
    const random = this.#random;
    const durationUs = Math.max(time - began, random.size(18_000));
    const outcome = fails?.[0] ?? (random.below(200) === 0 ? 'local' : 'ok');
    return {
      kind: 'done',
      time,
      call,
      outcome,
      durationUs,
      ...(fails === undefined ? {} : { error: fails[1] }),
      ...(fails?.[0] === 'refused' ? {} : { bytesOut: random.size(420), bytesIn: random.size(5_200) }),
      bytesBasis: web ? 'plaintext' : 'stream',
      ...(web && fails === undefined ? { status: random.oneOf([200, 200, 200, 201, 204, 304, 404, 500]) } : {}),
      ...(web && fails === undefined ? { ttfbUs: Math.ceil(durationUs / 2), responseHeaders: this.#headers(4) } : {}),
      ...(host === undefined || host.channel === 'process' || host.channel === 'unix' || outcome === 'local'
        ? {}
        : {
            peerAddress: host.address,
            peerPort: host.port,
            localAddress: '192.0.2.9',
            localPort: 32_768 + (call % 28_000),
          }),
      ...(encrypted && fails === undefined && host !== undefined && outcome === 'ok'
        ? { tls: 'TLSv1.3', alpn: 'http/1.1', sni: host.name, certSha256: random.hex(64) }
        : {}),
    };
  }

  /** One segment of a path as redaction leaves it. */
  #segment(): string {
    const random = this.#random;
    return random.below(3) === 0 ? random.oneOf(FORMS) : `${random.oneOf(WORDS)}-${random.below(4096).toString(36)}`;
  }

  #headers(count: number): string[] {
    const random = this.#random;
    return [...new Set(Array.from({ length: count }, () => random.oneOf(HEADERS)))].sort();
  }
}

function packagesOf(seed: number): Package[] {
  const random = seededRandom(seed);
  const wheel = CHANNELS.flatMap(([channel, weight]) => Array.from({ length: weight }, () => channel));
  return Array.from({ length: PACKAGES }, (_, at) => {
    const name = `${at % 5 === 0 ? `@${random.oneOf(WORDS)}/` : ''}${random.oneOf(WORDS)}-${random.oneOf(WORDS)}-${at}`;
    const hosts = Array.from({ length: HOSTS_EACH }, (__, i) => hostOf(random, random.oneOf(wheel), at, i));
    return {
      name,
      version: `${random.below(9)}.${random.below(30)}.${random.below(20)}`,
      author: `${random.oneOf(WORDS)} & ${random.oneOf(WORDS)} ${at % 7 === 0 ? 'Söhne' : 'Ltd'}`,
      hosts,
      files: Array.from({ length: 5 }, () => `lib/${random.oneOf(WORDS)}/${random.oneOf(WORDS)}.js`),
      manifest: at % 4 === 0 ? manifestOf(hosts) : undefined,
    };
  });
}

function hostOf(random: SeededRandom, channel: Channel, at: number, i: number): Host {
  const ports: { readonly [name: string]: number } = { smtp: 587, imap: 993, pop3: 995, dns: 53, udp: 8125, tcp: 5432 };
  // Every twelfth is one of the own organisation, every eighth one of the vendors of the catalogue.
  const zone =
    i % 12 === 0
      ? 'corp.example'
      : i % 8 === 0
        ? `vendor-${at % 12}.example`
        : `${random.oneOf(WORDS)}-${at % 60}.example`;
  return {
    name: `${random.oneOf(WORDS)}-${i}.p${at}.${zone}`,
    port: ports[channel] ?? (random.below(5) === 0 ? 8000 + random.below(1000) : 443),
    channel,
    paths: Array.from({ length: 6 }, () => `/v${1 + random.below(3)}/${random.oneOf(WORDS)}`),
    address: `203.0.${random.below(114)}.${1 + random.below(254)}`,
  };
}

function manifestOf(hosts: readonly Host[]): string {
  const endpoints = hosts
    .slice(0, 20)
    .map(({ name, port }) => ({ host: name, port, purpose: 'its work', data: ['orders'] }));
  return JSON.stringify({ endpoints });
}

/** The first of a list is taken most often, the last one seldom. */
function zipf<T>(list: readonly T[], random: SeededRandom): T {
  const at = Math.floor((list.length + 1) ** random.fraction()) - 1;
  const one = list[Math.min(at, list.length - 1)];
  if (one === undefined) throw new RangeError('nothing to choose from');
  return one;
}

/** Who is who among the hosts: twelve vendors, one of them watched, and the organisation itself. */
export const CATALOGUE = {
  version: 1,
  vendors: Array.from({ length: 12 }, (_, at) => ({
    name: `Vendor ${at}`,
    watched: at === 0,
    components: [{ id: 'service', name: 'Service', hosts: [`*.vendor-${at}.example`] }],
  })),
  internal: ['*.corp.example'],
  hosts: [],
  acknowledged: [],
} as const;
