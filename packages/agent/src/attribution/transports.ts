const BY_PURPOSE = {
  'HTTP clients':
    'axios axios-retry axios-cookiejar-support got ky ky-universal node-fetch node-fetch-native isomorphic-fetch cross-fetch whatwg-fetch ' +
    'undici superagent request request-promise request-promise-native request-promise-core needle bent phin wretch ofetch gaxios teeny-request ' +
    'make-fetch-happen minipass-fetch npm-registry-fetch follow-redirects simple-get @sindresorhus/is urllib centra miniget ' +
    'fetch-retry node-fetch-retry p-retry promise-retry async-retry retry @szmarczak/http-timer cacheable-request cacheable-lookup http2-wrapper http-cache-semantics ' +
    'fetch-blob form-data formdata-node @hapi/wreck popsicle restify-clients graphql-request @apollo/client cross-undici-fetch fetch-h2 http-proxy ' +
    'http-proxy-middleware express-http-proxy @fastify/reply-from @fastify/http-proxy httpxy node-http-proxy',
  'agents, proxies, sockets':
    'agent-base http-proxy-agent https-proxy-agent socks-proxy-agent socks pac-proxy-agent proxy-agent proxy-from-env agentkeepalive ' +
    'tunnel tunnel-agent hpagent global-agent caw keepalive-proxy-agent happy-eyeballs @npmcli/agent',
  'WebSocket, events, remote calls':
    'xmlhttprequest xmlhttprequest-ssl ws websocket faye-websocket websocket-driver isomorphic-ws sockjs-client engine.io-client socket.io-client eventsource ' +
    '@microsoft/signalr @grpc/grpc-js grpc @protobufjs/inquire @connectrpc/connect-node @trpc/client mqtt mqtt-connection async-mqtt aedes ' +
    'amqplib amqp-connection-manager rhea kafkajs node-rdkafka kafka-node nats stompit @stomp/stompjs zeromq',
  'mail and files':
    'nodemailer smtp-connection smtp-transport emailjs smtpjs imap imapflow imap-simple node-pop3 poplib mailparser ' +
    'ssh2 ssh2-sftp-client basic-ftp ftp promise-ftp jsftp',
  'databases, caches, directories':
    'pg pg-pool pg-protocol pg-native postgres mysql mysql2 mariadb tedious mssql oracledb mongodb mongodb-core mongoose ' +
    'redis @redis/client ioredis memcached memjs cassandra-driver couchbase nano neo4j-driver @clickhouse/client knex sequelize typeorm ' +
    'ldapjs ldapts activedirectory2',
  'names, time, datagrams':
    'native-dns dns-packet multicast-dns bonjour-service dns2 ntp-client statsd-client hot-shots node-statsd',
  'tracing and patching':
    'shimmer require-in-the-middle import-in-the-middle @opentelemetry/api @opentelemetry/instrumentation @opentelemetry/instrumentation-http ' +
    '@opentelemetry/instrumentation-undici @opentelemetry/context-async-hooks dd-trace cls-hooked continuation-local-storage nock msw ' +
    '@mswjs/interceptors',
  'promises, queues, limits, streams':
    'bluebird q rsvp es6-promise any-promise async p-queue p-limit p-map bottleneck opossum cockatiel generic-pool tarn ' +
    'readable-stream pump pumpify end-of-stream through2 through duplexify eventemitter3 promise-breaker',
};

/**
 * Packages that carry calls for others: clients of protocols and vendors' clients made from them, proxies, retries, pools, tracers.
 * A frame of theirs is never the answer to "who sent it" while another package is on the stack.
 * A package that decides by itself where data goes (an SDK of a vendor, a telemetry client) is no transport.
 */
export const TRANSPORTS: ReadonlySet<string> = new Set(Object.values(BY_PURPOSE).flatMap((names) => names.split(' ')));

/** Packages that find and load the compiled part of another. */
export const ADDON_LOADERS: ReadonlySet<string> = new Set(
  (
    'bindings node-gyp-build node-gyp-build-optional-packages node-pre-gyp @mapbox/node-pre-gyp pkg-prebuilds node-bindings ' +
    'prebuildify-cross detect-libc'
  ).split(' '),
);

/** All whose frames are passed over in the search for who is responsible. */
export const CARRIERS: ReadonlySet<string> = new Set([...TRANSPORTS, ...ADDON_LOADERS]);

/** Files in which a transport sends on its own account: a tracer its traces, while its other files stand around the calls of others. */
const OWN_ACCOUNT: ReadonlyMap<string, RegExp> = new Map([
  [
    'dd-trace',
    /^packages\/dd-trace\/src\/(?:agent|aiguard|ci-visibility|config|crashtracking|datastreams|debugger|dogstatsd|evp_proxy|exporters|flare|llmobs|log-submission|openfeature|profiling|remote_config|runtime_metrics|telemetry)\b/,
  ],
]);

/** @param inside path of the file inside the package */
export function onOwnAccount(name: string, inside: string): boolean {
  return OWN_ACCOUNT.get(name)?.test(inside) === true;
}
