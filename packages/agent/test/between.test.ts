/** What stands between a call and its connection: streams of the application's own making, descriptors, other tools of Node. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { attack } from './attack.ts';

interface Way {
  readonly code: string;
  readonly rows: readonly string[];
  /** Bytes of each connection to the server. */
  readonly received?: readonly number[];
}

const OWN_STREAM = `const { Duplex } = require('node:stream'); const own = () => { const socket = net.connect(PORT, HOST); return Duplex.from({ readable: socket, writable: socket }); };`;
const RAW = `process.noDeprecation = true; const { TCP, TCPConnectWrap } = process.binding('tcp_wrap');`;
const connected = (then: string): string => `const socket = net.connect(PORT, HOST, () => { ${then} });`;

const WAYS: { readonly [way: string]: Way } = {
  'a handle made by the class of another': {
    code: `${RAW} ${connected('const handle = new socket._handle.constructor(0), request = new TCPConnectWrap(); request.oncomplete = () => handle.close(); handle.connect(request, HOST, PORT); socket.end();')}`,
    rows: ['tcp thief', 'tcp thief'],
    received: [0, 0],
  },
  'the class of the request taken from a connection, and no binding': {
    code: `const socket = new net.Socket(), server = net.createServer().listen(0, HOST, () => {
      const { constructor: TCP } = Object.getPrototypeOf(server._handle), handle = new TCP(0);
      let Request; handle.connect = (request) => { Request = request.constructor; return 0; };
      socket._handle = handle; socket.connect({ host: HOST, port: PORT });
      setTimeout(() => { const other = new TCP(0), request = new Request(); request.oncomplete = () => { other.close(); process.exit(); }; other.connect(request, HOST, PORT); }, 50);
    });`,
    rows: ['tcp thief'],
    received: [0],
  },
  'bytes written by the descriptor of a connection': {
    code: `const fs = require('node:fs'); ${connected("fs.writeSync(socket._handle.fd, 'x'.repeat(500)); socket.end();")}`,
    rows: ['tcp thief'],
    received: [500],
  },
  'a file stream on the descriptor': {
    code: `const fs = require('node:fs'); ${connected("fs.createWriteStream(null, { fd: socket._handle.fd, autoClose: false }).end('x'.repeat(500), () => socket.end());")}`,
    rows: ['tcp thief'],
    received: [500],
  },
  'a second socket on the descriptor': {
    code: connected(
      "const other = new net.Socket({ fd: socket._handle.fd }); other.write('y'.repeat(300), () => { socket.destroy(); other.destroy(); });",
    ),
    rows: ['tcp thief', 'tcp thief'],
    received: [300],
  },
  'a pipe on the descriptor': {
    code: `process.noDeprecation = true; const { Pipe } = process.binding('pipe_wrap'); ${connected("const pipe = new Pipe(0); pipe.open(socket._handle.fd); const other = new net.Socket({ handle: pipe }); other.write('y'.repeat(300), () => { socket.destroy(); other.destroy(); });")}`,
    rows: ['tcp thief'],
    received: [300],
  },
  'the standard output of a child': {
    code: connected(
      "require('node:child_process').spawn('echo', ['hello'], { stdio: ['ignore', socket, 'inherit'] }).on('exit', () => socket.destroy());",
    ),
    rows: ['tcp thief', 'process echo thief'],
    received: [6],
  },
  'bytes written by the methods of the handle': {
    code: `process.noDeprecation = true; const { WriteWrap } = process.binding('stream_wrap');
      ${connected("const request = new WriteWrap(); request.oncomplete = () => socket.end(); socket._handle.writeUtf8String(request, 'z'.repeat(400)); setTimeout(() => socket.end(), 50);")}`,
    rows: ['tcp thief'],
    received: [400],
  },
  'a socket whose connect is another, by a bare handle': {
    code: `${RAW} net.Socket.prototype.connect = () => undefined;
      const handle = new TCP(0), request = new TCPConnectWrap(); request.oncomplete = () => new net.Socket({ handle }).end('abc'); handle.connect(request, HOST, PORT);`,
    rows: ['tcp thief'],
    received: [3],
  },
  'an agent of http that gives a stream of its own': {
    code: `${OWN_STREAM} const http = require('node:http'), agent = new http.Agent(); agent.createConnection = own;
      http.get({ host: 'innocent.example', port: PORT, path: '/x', agent, headers: { connection: 'close' } }).on('error', () => undefined); setTimeout(() => process.exit(), 300);`,
    rows: ['http thief'],
  },
  'methods of http that are others, and channels without subscribers': {
    code: `const http = require('node:http'), dc = require('node:diagnostics_channel');
      for (const name of ['start', 'created', 'error']) Object.setPrototypeOf(dc.channel('http.client.request.' + name), dc.Channel.prototype);
      http.Agent.prototype.addRequest = (request) => request.onSocket(net.connect(PORT, HOST));
      http.ClientRequest.prototype.onSocket = (socket) => process.nextTick(() => socket.end('GET / HTTP/1.0\\r\\n\\r\\n'));
      http.get({ host: HOST, port: PORT }).on('error', () => undefined);`,
    rows: ['tcp thief'],
    received: [18],
  },
  'channels of undici that publish nothing': {
    code: `const dc = require('node:diagnostics_channel');
      for (const name of ['request:create', 'request:headers', 'request:trailers', 'request:error', 'client:sendHeaders', 'client:beforeConnect', 'client:connected']) {
        const channel = dc.channel('undici:' + name); channel.publish = () => undefined; Object.defineProperty(channel, 'hasSubscribers', { value: false }); }
      dc.subscribe('net.client.socket', ({ socket }) => socket.on('connect', () => setTimeout(() => process.exit(), 50)));
      fetch('http://127.0.0.1:' + PORT + '/').catch(() => undefined);`,
    rows: ['tcp thief'],
  },
  'a dispatcher of its own': {
    code: `fetch('data:,').then(() => {
      const own = { dispatch(_options, handler) { send(); (handler.onResponseError ?? handler.onError)?.call(handler, undefined, new Error('none')); return true; } };
      for (const key of Object.getOwnPropertySymbols(globalThis)) if (key.description.startsWith('undici.globalDispatcher')) globalThis[key] = own;
      return fetch('http://innocent.example/').catch(() => undefined); });`,
    rows: ['tcp thief'],
    received: [3],
  },
  'TLS over a stream of its own': {
    code: `${OWN_STREAM} const secure = require('node:tls').connect({ socket: own(), servername: 'innocent.example' }).on('error', () => undefined); setTimeout(() => secure.destroy(), 200);`,
    rows: ['tcp thief'],
  },
  'options behind a Proxy': {
    code: `net.connect(new Proxy({ port: PORT, host: HOST }, {})).end('abc');`,
    rows: ['tcp thief'],
    received: [3],
  },
  'a getter that first names another host': {
    code: `let asked = 0; net.connect({ port: PORT, get host() { return asked++ === 0 ? 'localhost' : HOST; } }).end('abc');`,
    rows: ['tcp thief'],
    received: [3],
  },
  'a subclass that throws its handle away': {
    code: `new (class extends net.Socket { connect(...args) { this._handle = null; return net.Socket.prototype.connect.apply(this, args); } })().connect(PORT, HOST).end('abc');`,
    rows: ['tcp thief'],
    received: [3],
  },
  'a socket constructed for another prototype': {
    code: `function Other() {} Other.prototype = Object.create(net.Socket.prototype); Reflect.construct(net.Socket, [], Other).connect(PORT, HOST).end('abc');`,
    rows: ['tcp thief'],
    received: [3],
  },
  'every option of a connection': {
    code: `net.connect({ port: PORT, host: HOST, localAddress: HOST, allowHalfOpen: true, autoSelectFamily: true, signal: new AbortController().signal,
      blockList: new net.BlockList(), onread: { buffer: Buffer.alloc(8), callback: () => true } }).end('abc');`,
    rows: ['tcp thief'],
    received: [3],
  },
  'hooks of async_hooks that are others': {
    code: `const { AsyncLocalStorage, createHook } = require('node:async_hooks'); createHook({ init() {} }).enable().disable();
      AsyncLocalStorage.prototype.run = () => { throw new Error('no'); }; AsyncLocalStorage.prototype.getStore = () => ({}); send();`,
    rows: ['tcp thief'],
    received: [3],
  },
  'the modules of the agent loaded anew': {
    code: `for (const name of Object.keys(require.cache)) if (!name.includes('thief')) delete require.cache[name];
      require(require.resolve(process.execArgv[process.execArgv.indexOf('--require') + 1])); send();`,
    rows: ['tcp thief'],
    received: [3],
  },
  'a thread of a subclass, with every option': {
    code: `const { Worker } = require('node:worker_threads'); class Own extends Worker {}
      Reflect.construct(Object.getPrototypeOf(Own.prototype).constructor, ["require('node:net').connect(+process.env.PORT, '127.0.0.1').end('abc')",
        { eval: true, execArgv: [], env: { PORT: String(PORT) }, resourceLimits: { maxOldGenerationSizeMb: 64 }, stdin: true, stdout: true, trackUnmanagedFds: true, argv: ['x'], name: 'x' }], Own);`,
    rows: ['worker  thief', 'tcp (app)'],
    received: [3],
  },
  'a package that calls itself by the name of another, from a folder inside of its own': {
    code: `require('./lib');`,
    rows: ['tcp thief'],
    received: [3],
  },
  'a link in the folder of another package': {
    code: `const fs = require('node:fs'); fs.symlinkSync(__dirname + '/lib/index.js', 'node_modules/innocent/linked.js'); require('innocent/linked.js');`,
    rows: ['tcp thief'],
    received: [3],
  },
  'a file that names another in its sourceURL': {
    code: `send();\n//# sourceURL=/app/node_modules/innocent/index.js`,
    rows: ['tcp thief'],
    received: [3],
  },
};

const FILES = {
  'node_modules/thief/lib/package.json': { name: 'innocent', version: '9.0.0' },
  'node_modules/thief/lib/index.js': "require('node:net').connect(+process.env.PORT, '127.0.0.1').end('abc');",
};

for (const [way, { code, rows, received }] of Object.entries(WAYS)) {
  test(`a row, and who it is: ${way}`, async (t) => {
    const seen = await attack(t, code, { files: FILES });
    assert.equal(seen.ended.code, 0, seen.ended.err);
    assert.deepEqual(seen.rows, rows);
    if (received !== undefined) assert.deepEqual(seen.received, received);
    assert.ok(seen.written.every((one) => one.kind !== 'done' || one.outcome !== 'local'));
    assert.deepEqual(
      seen.written.filter(({ kind }) => kind === 'gap'),
      [],
    );
  });
}

/** A loader thread of Node 22 requires no ES module: there the agent must be the one file that is published. */
const ONE_FILE = existsSync(new URL('../bundle/agent.cjs', import.meta.url));

test(
  'a row, and not who it is: a loader thread',
  { skip: process.versions.node.startsWith('22.') && !ONE_FILE && 'the agent is not built as one file here' },
  async (t) => {
    const { ended, rows, received } = await attack(
      t,
      `const fs = require('node:fs'), done = process.cwd() + '/done';
      const url = 'data:text/javascript,' + encodeURIComponent("import fs from 'node:fs'; import net from 'node:net'; net.connect(" + PORT + ", '127.0.0.1').on('close', () => fs.writeFileSync(" + JSON.stringify(done) + ", '')).end('abc').resume();");
      require('node:module').register(url);
      const look = setInterval(() => { if (fs.existsSync(done)) clearInterval(look); }, 20);`,
    );
    assert.equal(ended.code, 0, ended.err);
    assert.deepEqual([rows, received], [['worker  ?', 'tcp ?'], [3]]);
  },
);

/** Whose code stands on the stack is all that can be told of who made the call. */
const FRAMED: { readonly [way: string]: readonly [code: string, row: string] } = {
  'a function of Node that another package is made to call': [
    `require('innocent').call(net.connect.bind(null, PORT, HOST, function () { this.end('abc'); }));`,
    'tcp innocent',
  ],
  'a function of Node that a timer calls': [
    `setTimeout(net.connect.bind(null, PORT, HOST, function () { this.end('abc'); }), 1);`,
    'tcp ?',
  ],
  'a script of vm with the file name of another, later': [
    `globalThis.connect = net.connect; require('node:vm').runInThisContext("setTimeout(() => connect(" + PORT + ", '127.0.0.1').end('abc'), 1)", { filename: __dirname.replace('thief', 'innocent') + '/index.js' });`,
    'tcp innocent',
  ],
  'a module compiled under the file name of another, later': [
    `new module.constructor('x')._compile("setTimeout(() => require('node:net').connect(" + PORT + ", '127.0.0.1').end('abc'), 1)", __dirname.replace('thief', 'innocent') + '/own.js');`,
    'tcp innocent',
  ],
  'evaluated code that names another in its sourceURL, later': [
    `globalThis.connect = net.connect; (0, eval)("setTimeout(() => connect(" + PORT + ", '127.0.0.1').end('abc'), 1)\\n//# sourceURL=" + __dirname.replace('thief', 'innocent') + '/index.js');`,
    'tcp ?',
  ],
  'a file put into the folder of another': [
    `require('node:fs').writeFileSync('node_modules/innocent/put.js', "require('node:net').connect(+process.env.PORT, '127.0.0.1').end('abc')"); require('innocent/put.js');`,
    'tcp innocent',
  ],
};

for (const [way, [code, row]] of Object.entries(FRAMED)) {
  test(`a row, and not who it is: ${way}`, async (t) => {
    const { ended, rows, received } = await attack(t, code);
    assert.equal(ended.code, 0, ended.err);
    assert.deepEqual([rows, received], [[row], [3]]);
  });
}

test('what the inspector gets out of the watcher leads past it, and the session is a row', async (t) => {
  const { ended, received, rows } = await attack(
    t,
    `${RAW} const session = new (require('node:inspector').Session)(); session.connect();
    globalThis.getter = Object.getOwnPropertyDescriptor(TCP.prototype, 'connect').get;
    const post = (method, args) => { let got; session.post(method, args, (error, result) => { got = result; }); return got; };
    const { objectId } = post('Runtime.evaluate', { expression: 'getter' }).result;
    const scopes = post('Runtime.getProperties', { objectId }).internalProperties.find(({ name }) => name === '[[Scopes]]').value;
    for (const scope of post('Runtime.getProperties', { objectId: scopes.objectId }).result)
      for (const one of scope.value?.objectId ? post('Runtime.getProperties', { objectId: scope.value.objectId }).result : [])
        if (one.name === 'slot') post('Runtime.callFunctionOn', { objectId: one.value.objectId, functionDeclaration: 'function () { globalThis.original = this.original; }' });
    session.disconnect();
    const handle = new TCP(0), request = new TCPConnectWrap(); request.oncomplete = () => handle.close(); original.call(handle, request, HOST, PORT);`,
  );
  assert.equal(ended.code, 0, ended.err);
  assert.deepEqual([rows, received], [['native node:inspector thief'], [0]]);
});

test('a name made to write over a terminal or to be read backwards is text in the row', async (t) => {
  const { ended, rows } = await attack(t, `require(process.cwd() + '/linked');`, {
    files: {
      'linked/package.json': { name: '\u001b[31mred\u202egnp\n<b>', version: '1.0.0\u001b]0;x\u0007' },
      'linked/index.js': "require('node:net').connect(+process.env.PORT, '127.0.0.1').end('abc');",
    },
  });
  assert.equal(ended.code, 0, ended.err);
  assert.deepEqual(rows, ['tcp \ufffd[31mred\ufffdgnp\ufffd<b>']);
});
