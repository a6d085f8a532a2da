/** Local stand-ins for what the real clients of claims/fixtures/clients talk to; brokers and databases are the machine's own. */
import { once } from 'node:events';
import http from 'node:http';
import { createRequire } from 'node:module';
import net, { type AddressInfo } from 'node:net';
import { join } from 'node:path';

/** The parts of the clients' packages that make a server. */
interface WebSocketServers {
  WebSocketServer: new (options: { server: http.Server }) => NodeJS.EventEmitter;
}
interface SocketIo {
  Server: new (server: http.Server) => NodeJS.EventEmitter & { close(): void };
}
type Reply = (error: null, answer: Buffer) => void;
interface Grpc {
  Server: new () => {
    addService(methods: object, handlers: object): void;
    bindAsync(at: string, how: object, done: (error: Error | null, port: number) => void): void;
    forceShutdown(): void;
  };
  ServerCredentials: { createInsecure(): object };
}
interface Smtp {
  SMTPServer: new (options: object) => NodeJS.EventEmitter & { server: net.Server };
}
interface Ldap {
  createServer: () => {
    bind(name: string, handler: (req: object, res: { end(): void }, next: () => void) => void): void;
    listen(port: number, host: string, done: () => void): void;
    close(): void;
    readonly port: number;
  };
}
interface Ssh {
  Server: new (options: object, serve: (client: NodeJS.EventEmitter) => void) => net.Server;
  utils: { generateKeyPairSync(kind: string): { private: string } };
}

export interface Stub {
  readonly port: number;
  close(): void;
}

export type StubName = 'web' | 'ws' | 'socket.io' | 'grpc' | 'smtp' | 'imap' | 'ldap' | 'ssh';

/** Starts them all; `folder` has the clients in its node_modules. */
export async function clientStubs(folder: string): Promise<Record<StubName, Stub>> {
  const load = createRequire(join(folder, 'package.json'));
  return {
    web: await listening(http.createServer(answer)),
    ws: await webSockets(load('ws') as WebSocketServers),
    'socket.io': await socketIo(load('socket.io') as SocketIo),
    grpc: await grpcEcho(load('@grpc/grpc-js') as Grpc),
    smtp: await smtp(load('smtp-server') as Smtp),
    imap: await listening(net.createServer(imap)),
    ldap: await ldap(load('ldapjs') as Ldap),
    ssh: await ssh(load('ssh2') as Ssh),
  };
}

async function listening(server: net.Server): Promise<Stub> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
}

const BUCKETS = '<?xml version="1.0"?><ListAllMyBucketsResult><Buckets></Buckets></ListAllMyBucketsResult>';
const COMPLETION = JSON.stringify({
  id: 'c',
  object: 'chat.completion',
  choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'answer' } }],
});

function answer(req: http.IncomingMessage, res: http.ServerResponse): void {
  req.resume().on('end', () => {
    const xml = req.url?.startsWith('/?') === true || req.url === '/';
    res.setHeader('content-type', xml ? 'application/xml' : 'application/json');
    res.end(xml ? BUCKETS : COMPLETION);
  });
}

async function webSockets({ WebSocketServer }: WebSocketServers): Promise<Stub> {
  const server = http.createServer();
  new WebSocketServer({ server }).on('connection', (socket: NodeJS.EventEmitter & { send(data: unknown): void }) => {
    socket.on('error', () => undefined).on('message', (data) => socket.send(data));
  });
  return listening(server);
}

async function socketIo({ Server }: SocketIo): Promise<Stub> {
  const server = http.createServer();
  new Server(server).on('connection', (socket: NodeJS.EventEmitter) => {
    socket.on('say', (said: unknown, acknowledge: (said: unknown) => void) => acknowledge(said));
  });
  return listening(server);
}

async function grpcEcho({ Server, ServerCredentials }: Grpc): Promise<Stub> {
  const server = new Server();
  const same = (bytes: Buffer): Buffer => bytes;
  const method = {
    path: '/claim.Echo/Say',
    requestStream: false,
    responseStream: false,
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
  };
  server.addService({ Say: method }, { Say: (call: { request: Buffer }, reply: Reply) => reply(null, call.request) });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  return { port, close: () => server.forceShutdown() };
}

async function smtp({ SMTPServer }: Smtp): Promise<Stub> {
  const { server } = new SMTPServer({
    authOptional: true,
    disableReverseLookup: true,
    hideSTARTTLS: true,
    onData: (stream: NodeJS.ReadableStream, _session: object, done: () => void) => {
      stream.on('end', done).resume();
    },
  });
  return listening(server);
}

/** As much IMAP (RFC 9051) as signing in and out takes. */
function imap(socket: net.Socket): void {
  let rest = '';
  socket
    .on('error', () => undefined)
    .on('data', (data) => {
      rest += data.toString('latin1');
      const lines = rest.split('\r\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const [tag = '', verb = ''] = line.split(' ');
        if (verb === 'CAPABILITY') socket.write('* CAPABILITY IMAP4rev1 AUTH=PLAIN LOGIN\r\n');
        if (verb === 'LIST') socket.write('* LIST (\\Noselect) "/" ""\r\n');
        if (verb === 'LOGOUT') socket.end(`* BYE\r\n${tag} OK done\r\n`);
        else socket.write(`${tag} OK done\r\n`);
      }
    });
  socket.write('* OK ready\r\n');
}

async function ldap({ createServer }: Ldap): Promise<Stub> {
  const server = createServer();
  server.bind('cn=somebody', (_req, res, next) => {
    res.end();
    next();
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return { port: server.port, close: () => server.close() };
}

async function ssh({ Server, utils }: Ssh): Promise<Stub> {
  const hostKeys = [utils.generateKeyPairSync('ed25519').private];
  return listening(
    new Server({ hostKeys }, (client) => {
      client.on('error', () => undefined).on('authentication', (context: { accept(): void }) => context.accept());
    }),
  );
}
