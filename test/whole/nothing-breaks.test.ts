/** What an application can notice of the agent: each program runs without it and with it, and says and does the same. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { auditedNodes, type NodeBinary } from '../../claims/system/node-binaries.ts';
import { temporaryFolder } from '../../claims/system/temporary-folder.ts';

const ENTRY = join(import.meta.dirname, '../../packages/cli/register.cjs');

/** A server that answers, and `said`: what the program prints in the end. */
const PRELUDE = `
  const http = require('node:http'), net = require('node:net'), tls = require('node:tls'), dns = require('node:dns'), dgram = require('node:dgram');
  const said = [];
  const say = (...words) => said.push(words.join(' '));
  process.on('exit', () => process.stdout.write(said.join('\\n')));
  const server = http.createServer((req, res) => req.resume().on('end', () => res.end('ok')));
  const up = (then) => server.listen(0, '127.0.0.1', () => then(server.address().port));
`;

const SAME: Readonly<Record<string, string>> = {
  'ends by itself once its server and its calls have ended': `
    up((port) => http.get({ host: '127.0.0.1', port, agent: false }, (res) => res.resume().on('end', () => { say(res.statusCode); server.close(); })));`,
  'ends by itself after a fetch and a look-up': `
    up(async (port) => { say(await (await fetch('http://127.0.0.1:' + port)).text()); say((await dns.promises.lookup('localhost', 4)).address);
      server.close(); server.closeAllConnections(); });`,
  'has beforeExit once, and its own exit code': `
    process.on('beforeExit', () => say('beforeExit')); process.on('exit', (code) => { say('exit', code); process.exitCode = 9; });`,
  'process.exit in a handler of an answer': `
    up((port) => http.get({ host: '127.0.0.1', port }, () => process.exit(7)));`,
  'process.exit in a handler of a request': `
    server.on('request', () => process.exit(8)); up((port) => http.get({ host: '127.0.0.1', port }).on('error', () => {}));`,
  'an exception that nobody catches': `throw new TypeError('nobody catches it');`,
  'a rejection that nobody handles': `void Promise.reject(new RangeError('nobody handles it'));`,
  'a fetch that fails and that nobody handles': `
    process.on('unhandledRejection', (error) => { say(error.name, error.message, error.cause.code); }); void fetch('http://127.0.0.1:1/');`,
  'an error event without a listener': `
    process.on('uncaughtException', (error, origin) => say(error.code, origin)); net.connect(1, '127.0.0.1');`,
  'SIGTERM ends it': `setInterval(() => {}, 1000); process.kill(process.pid, 'SIGTERM');`,
  'SIGTERM is the one of its listener where there is one': `
    const timer = setInterval(() => {}, 1000); process.on('SIGTERM', () => { say('told'); clearInterval(timer); }); process.kill(process.pid, 'SIGTERM');`,
  'listeners of the process are its own': `
    for (const name of ['uncaughtException', 'unhandledRejection', 'SIGTERM', 'SIGINT', 'warning', 'beforeExit']) say(name, process.listenerCount(name));`,
  'globals and environment hold nothing more': `
    say(Object.keys(globalThis).join()); say(Object.keys(process.env).filter((name) => !/^(?:OUTWITNESS_|NODE_OPTIONS$)/.test(name)).sort().join());
    say(Error.stackTraceLimit, typeof Error.prepareStackTrace, process.noDeprecation);`,
  'names, lengths and descriptors of public functions': `
    const { Agent, ClientRequest } = http;
    for (const [owner, name] of [[globalThis, 'fetch'], [http, 'request'], [http, 'get'], [Agent.prototype, 'addRequest'], [Agent.prototype, 'createSocket'],
      [Agent.prototype, 'createConnection'], [ClientRequest.prototype, 'onSocket'], [net.Socket.prototype, 'connect'], [net.Server.prototype, 'listen'],
      [net, 'connect'], [tls, 'connect'], [tls.TLSSocket.prototype, '_init'], [tls.TLSSocket.prototype, '_finishInit'], [dns, 'lookup'], [dns, 'resolve4'],
      [dgram.Socket.prototype, 'send'], [dgram.Socket.prototype, 'connect'], [dgram.Socket.prototype, 'bind'], [require('child_process'), 'spawn'], [require('child_process'), 'fork']]) {
      const at = Object.getOwnPropertyDescriptor(owner, name);
      say(name, owner[name].name, owner[name].length, at?.writable, at?.configurable, at?.enumerable, typeof at?.get);
    }`,
  'what calls return is of its own class': `
    up(async (port) => {
      const req = http.get({ host: '127.0.0.1', port, agent: false }); const socket = net.connect(port, '127.0.0.1');
      const answer = fetch('http://127.0.0.1:' + port);
      say(req instanceof http.ClientRequest, socket instanceof net.Socket, answer instanceof Promise, (await answer) instanceof Response);
      say(Object.keys(socket).join(), Object.getOwnPropertySymbols(req).length, Object.getPrototypeOf(socket) === net.Socket.prototype);
      await (await answer).text(); req.on('error', () => {}).destroy(); socket.destroy(); server.close(); server.closeAllConnections(); });`,
  'a connection that the server closes between two requests': `
    const agent = new http.Agent({ keepAlive: true }); let connections = 0; server.on('connection', () => connections++);
    const ask = (port) => new Promise((done) => http.get({ host: '127.0.0.1', port, agent }, (res) => res.resume().on('end', () => done(res.statusCode))).on('error', (error) => done(error.code)));
    up(async (port) => { say(await ask(port)); await new Promise((done) => { server.closeIdleConnections(); setTimeout(done, 50); });
      say(await ask(port), connections); agent.destroy(); server.close(); });`,
  'the second address where nobody listens at the first': `
    up((port) => { const lookup = (_host, _options, done) => done(null, [{ address: '::1', family: 6 }, { address: '127.0.0.1', family: 4 }]);
      const socket = net.connect({ host: 'two.test', port, lookup, autoSelectFamily: true });
      socket.on('connectionAttemptFailed', (address) => say('failed', address));
      socket.on('connect', () => { say(socket.remoteAddress); socket.destroy(); server.close(); }); });`,
  'an upload that is given up': `
    server.removeAllListeners('request'); server.on('request', (req) => { req.resume(); req.on('aborted', () => say('aborted')).on('error', (error) => say(error.code)).on('close', () => server.close()); });
    up((port) => { const req = http.request({ host: '127.0.0.1', port, method: 'POST', agent: false }); req.on('error', (error) => say(error.code));
      req.write('x'.repeat(100000)); setTimeout(() => req.destroy(), 100); });`,
};

interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(
  node: NodeBinary,
  program: string,
  env: NodeJS.ProcessEnv,
  flags: readonly string[],
): Promise<Ended> {
  const child = spawn(node.path, ['--no-warnings', ...flags, '-e', PRELUDE + program], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 60_000,
    killSignal: 'SIGKILL',
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  return { code, signal, stdout, stderr };
}

async function bothWays(
  node: NodeBinary,
  program: string,
  flags: readonly string[] = [],
): Promise<[without: Ended, withAgent: Ended]> {
  using folder = temporaryFolder('notice');
  const data = join(folder.path, 'data');
  const without = await run(node, program, {}, flags);
  const env = { NODE_OPTIONS: `--require ${ENTRY}`, OUTWITNESS_DATA: data, OUTWITNESS_COLLECTOR: 'off' };
  const withAgent = await run(node, program, env, flags);
  const spool = join(data, 'spool');
  // Else the two would be alike because no agent was there.
  assert.ok(existsSync(spool) && readdirSync(spool).some((name) => name.endsWith('.spool')), 'the agent was loaded');
  return [without, withAgent];
}

for (const node of auditedNodes()) {
  for (const [name, program] of Object.entries(SAME)) {
    test(`${node.name}: ${name}: the same with the agent as without`, async () => {
      const [without, withAgent] = await bothWays(node, program);
      assert.notEqual(without.signal, 'SIGKILL', 'came to no end');
      assert.deepEqual(withAgent, without);
      assert.ok(without.stdout !== '' || without.code !== 0);
    });
  }

  test(`${node.name}: errors thrown through a watched function have one frame more at most`, async () => {
    const [without, withAgent] = await bothWays(
      node,
      `Error.stackTraceLimit = 100;
      for (const call of [() => net.connect({ port: 70000 }), () => new net.Socket().connect({ port: 1, lookup: 1 }), () => server.listen(70000),
        () => dgram.createSocket('udp4').send('x', 70000), () => http.request({ method: 'not a method' }), () => http.request('no url'),
        () => require('child_process').spawn('')]) {
        try { call(); say('nothing thrown'); } catch (error) { say(error.code, error.stack.split('\\n').length, error.message.split('\\n')[0]); }
      }
      process.exit();`,
    );
    const parsed = ({ stdout }: Ended): [string, number][] =>
      stdout.split('\n').map((line) => [line.replace(/ \d+ /, ' '), Number(/ (\d+) /.exec(line)?.[1])]);
    const [before, after] = [parsed(without), parsed(withAgent)];
    assert.equal(before.length, 7);
    assert.deepEqual(
      after.map(([what]) => what),
      before.map(([what]) => what),
    );
    for (const [i, [what, frames]] of after.entries()) {
      const more = frames - (before[i]?.[1] ?? NaN);
      assert.ok(more === 0 || more === 1, `${what}: ${more} frames more`);
    }
  });

  test(`${node.name}: a module that throws while it is loaded is reported as without, with one frame more for each require`, async () => {
    using folder = temporaryFolder('throws');
    writeFileSync(join(folder.path, 'inner.cjs'), "'use strict';\nthrow new TypeError('cannot be loaded');\n");
    writeFileSync(join(folder.path, 'outer.cjs'), "require('./inner.cjs');\n");
    const program = `Error.stackTraceLimit = 100; require(${JSON.stringify(join(folder.path, 'outer.cjs'))});`;
    const [without, withAgent] = await bothWays(node, program);
    const head = ({ stderr }: Ended): string => stderr.slice(0, stderr.indexOf('    at '));
    assert.match(head(without), /inner\.cjs:2\nthrow new TypeError/);
    assert.equal(head(withAgent), head(without));
    const frames = ({ stderr }: Ended): string[] => stderr.split('\n').filter((line) => line.startsWith('    at '));
    assert.equal(frames(withAgent).length, frames(without).length + 2);
    assert.equal(withAgent.code, without.code);
  });

  for (const flag of [
    '--pending-deprecation',
    '--frozen-intrinsics',
    '--disable-proto=delete',
    '--throw-deprecation',
  ]) {
    test(`${node.name}: the same warnings and answers under ${flag}`, async () => {
      const [without, withAgent] = await bothWays(
        node,
        `process.on('warning', ({ name, code }) => say(name, code));
        up(async (port) => { say(await (await fetch('http://127.0.0.1:' + port)).text());
          http.get({ host: '127.0.0.1', port }, (res) => { say(res.statusCode); res.resume().on('end', () => { server.close(); server.closeAllConnections(); }); }); });`,
        [flag],
      );
      assert.deepEqual(withAgent, without);
      assert.match(without.stdout, /ok\n200/);
    });
  }
}
