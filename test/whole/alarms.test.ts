/** Code that reaches for what the watcher stands on: the row, the verdict with its sentence, what `doctor` says. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { startStubServer } from '../../claims/servers/stub-server.ts';
import { auditedNodes, type NodeBinary } from '../../claims/system/node-binaries.ts';
import { journal, outwitness, type Row, startOutwitness } from '../../claims/system/outwitness.ts';
import { temporaryFolder } from '../../claims/system/temporary-folder.ts';

const ENTRY = join(import.meta.dirname, '../../packages/cli/register.cjs');

interface Case {
  readonly code: string;
  /** What its `hook` row says, if it has one. */
  readonly says?: readonly [event: string, text: RegExp];
  /** Who is named for its call. Default: the package that makes it. */
  readonly named?: string | undefined;
  /** Is `code` loaded before the agent? */
  readonly first?: true;
  /** Does `code` load the agent itself? */
  readonly late?: true;
}

const TCP = `process.noDeprecation = true; const { TCP } = process.binding('tcp_wrap');`;

const CASES: Readonly<Record<string, Case>> = {
  plain: { code: '' },
  'assigns a locked internal': {
    code: `${TCP} try { TCP.prototype.connect = () => 0; } catch {}`,
    says: ['changed', /^an attempt to replace TCP\.connect was refused$/],
  },
  'redefines a locked internal, in vain': {
    code: `${TCP} try { Object.defineProperty(TCP.prototype, 'connect', { value: () => 0 }); } catch {}`,
  },
  'made an internal unchangeable before': {
    first: true,
    code: `${TCP} Object.defineProperty(TCP.prototype, 'connect', { value: TCP.prototype.connect, configurable: false });`,
    says: ['changed', /^TCP\.connect had been made unchangeable before$/],
  },
  'takes the wrapper out by the inspector': {
    code: `${TCP}
      const session = new (require('node:inspector').Session)(); session.connect();
      globalThis.getter = Object.getOwnPropertyDescriptor(TCP.prototype, 'connect').get;
      const post = (method, args) => { let got; session.post(method, args, (error, result) => { got = result; }); return got; };
      const { objectId } = post('Runtime.evaluate', { expression: 'getter' }).result;
      const scopes = post('Runtime.getProperties', { objectId }).internalProperties.find(({ name }) => name === '[[Scopes]]').value;
      for (const scope of post('Runtime.getProperties', { objectId: scopes.objectId }).result)
        for (const one of scope.value?.objectId ? post('Runtime.getProperties', { objectId: scope.value.objectId }).result : [])
          if (one.name === 'slot') post('Runtime.callFunctionOn', { objectId: one.value.objectId, functionDeclaration: 'function () { this.wrapper = undefined; }' });
      session.disconnect();`,
    says: ['changed', /^TCP\.connect is not the watcher’s any more$/],
  },
  'takes a subscriber out of a channel': {
    code: `require('node:diagnostics_channel').channel('http.client.request.error')._subscribers.length = 0;`,
    says: ['changed', /^nobody tells the watcher of http\.client\.request\.error any more$/],
  },
  'locks the limit of stacks': {
    code: `Object.defineProperty(Error, 'stackTraceLimit', { value: 0, writable: false, configurable: false });`,
    says: ['blinded', /^stack capture failed: Error is locked$/],
    named: undefined,
  },
  'forges frames': {
    code: `const forged = { isEval: () => false, isAsync: () => false, getFileName: () => process.cwd() + '/node_modules/innocent/index.js',
        getLineNumber: () => 1, getColumnNumber: () => 1, getFunctionName: () => 'f' };
      Object.defineProperty(Error, 'prepareStackTrace', { get: () => () => [forged], set() {}, configurable: false });`,
    says: ['blinded', /^stack capture failed: Error is locked$/],
    named: undefined,
  },
  'would replace a method of frames, which V8 has locked': {
    code: `const before = Error.prepareStackTrace; Error.prepareStackTrace = (_error, sites) => sites; const [site] = new Error().stack;
      Error.prepareStackTrace = before; Object.getPrototypeOf(site).getFileName = () => process.cwd() + '/node_modules/innocent/index.js';`,
  },
  'replaced the capture of stacks before': {
    first: true,
    code: `Error.captureStackTrace = (holder) => { holder.stack = []; };`,
    says: ['blinded', /^stack capture gave no frames/],
    named: undefined,
  },
  'replaces the capture of stacks, too late': { code: `Error.captureStackTrace = (holder) => { holder.stack = []; };` },
  'loads the agent late': {
    late: true,
    code: `require('axios'); require('node:net').createServer().listen(0); require(process.env.ENTRY);`,
  },
};

interface Told {
  readonly reasons: readonly { id: string; severity: string; text: string; action: string; count: number }[];
  readonly verdict: string;
  readonly findings: readonly { id: string; got: string; pid: number | null }[];
}

/** Starts one application for each case; they have made their call and wait. */
async function startAll(
  context: TestContext,
  node: NodeBinary,
  folder: string,
  env: NodeJS.ProcessEnv,
): Promise<Map<string, number>> {
  for (const name of ['axios', 'sender', 'innocent']) {
    mkdirSync(join(folder, 'node_modules', name), { recursive: true });
    writeFileSync(join(folder, 'node_modules', name, 'package.json'), JSON.stringify({ name, version: '1.0.0' }));
    writeFileSync(
      join(folder, 'node_modules', name, 'index.js'),
      `exports.send = (url, then) => require('node:http').get(url, (res) => res.resume().on('end', then));`,
    );
  }
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'shop', version: '1.0.0' }));
  const started = Object.entries(CASES).map(async ([name, { code, first, late }], i) => {
    const evil = join(folder, `evil-${i}.cjs`);
    writeFileSync(evil, code);
    const main = join(folder, `main-${i}.cjs`);
    writeFileSync(
      main,
      `${first === true ? '' : `require('./evil-${i}.cjs');`}
      setTimeout(() => require('sender').send(process.env.TARGET, () => console.log('ready')), 20); process.stdin.resume().on('end', () => process.exit());`,
    );
    const preloads = [...(first === true ? [evil] : []), ...(late === true ? [] : [ENTRY])];
    const child = spawn(node.path, [...preloads.flatMap((file) => ['--require', file]), main], {
      cwd: folder,
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { PATH: process.env['PATH'], ENTRY, OUTWITNESS_APP: name, OUTWITNESS_COLLECTOR: 'off', ...env },
    });
    context.after(() => child.kill('SIGKILL'));
    await once(child.stdout, 'data');
    return [name, child.pid ?? 0] as const;
  });
  return new Map(await Promise.all(started));
}

async function ask(data: string): Promise<Told & { code: number }> {
  const report = await outwitness(['report', '--json', '--data', data]);
  const doctor = await outwitness(['doctor', '--json', '--data', data]);
  const { reasons, verdict } = JSON.parse(report.stdout) as Told;
  return { reasons, verdict, findings: (JSON.parse(doctor.stdout) as Told).findings, code: doctor.code };
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 60_000; !(await holds());) {
    if (Date.now() > deadline) throw new Error(`not within a minute: ${what}`);
  }
}

// Newest first: `npm run test:nodes` runs it on the others. Most of the time is the wait for a beat.
for (const node of auditedNodes().slice(-1)) {
  test(`a lock that is reached for, a blinded stack and a late load are rows, reasons of the verdict and findings (${node.name})`, async (context) => {
    using folder = temporaryFolder('alarms');
    await using server = await startStubServer();
    const data = join(folder.path, 'data');
    writeFileSync(join(folder.path, 'outwitness.config.json'), '{ "learn": 0 }');
    const collector = startOutwitness(['collect', '--data', data], { cwd: folder.path });
    context.after(() => collector.child.kill('SIGKILL'));
    await collector.printed(/the report is at/);
    const pids = await startAll(context, node, folder.path, {
      OUTWITNESS_DATA: data,
      TARGET: `http://127.0.0.1:${server.port}`,
    });
    const expected = Object.values(CASES).filter(({ says }) => says !== undefined).length;
    const hooks = (): Promise<(Row & { text: string })[]> =>
      journal(data, { kind: 'hook' }) as Promise<(Row & { text: string })[]>;
    // Some are found at the next beat.
    await until(`${expected} hook rows`, async () => (await hooks()).length >= expected);
    const rows = await hooks();
    const calls = await journal(data, { kind: 'net', port: `${server.port}`, direction: 'out' });
    const { reasons, verdict, findings, code } = await ask(data);
    assert.equal(verdict, 'alarm');
    assert.equal(code, 5);
    for (const [name, one] of Object.entries(CASES)) {
      const own = rows.filter(({ app }) => app === name).map(({ event, text }) => [event, text]);
      const found = findings.filter(({ pid }) => pid === pids.get(name)).map(({ id }) => id);
      if (one.says === undefined) assert.deepEqual(own, [], name);
      else {
        assert.deepEqual(
          own.map(([event]) => event),
          [one.says[0]],
          name,
        );
        assert.match(own[0]?.[1] ?? '', one.says[1], name);
      }
      const findingsOf = [
        ...(one.says === undefined ? [] : ['hook-changed']),
        ...(one.late === true ? ['late-load'] : []),
      ];
      assert.deepEqual(found.filter((id) => id !== 'entry-not-first').toSorted(), findingsOf, name);
      const [call] = calls.filter(({ app }) => app === name);
      assert.equal(call?.package, 'named' in one ? one.named : 'sender', `${name}: ${JSON.stringify(call)}`);
    }
    const changed = reasons.find(({ id }) => id === 'hook-changed');
    assert.equal(changed?.severity, 'alarm');
    assert.match(
      changed?.text ?? '',
      /^The watcher was tampered with inside an audited process: what the watcher stands on in Node\.js was changed/,
    );
    const blinded = reasons.find(({ id }) => id === 'capture-blinded');
    assert.deepEqual([blinded?.severity, blinded?.count], ['alarm', 3]);
    assert.match(
      blinded?.text ?? '',
      /^Code in an audited process disturbed the way call stacks are taken \(3 times\)/,
    );
    const late = reasons.find(({ id }) => id === 'late-load');
    assert.equal(late?.severity, 'attention');
    assert.match(
      late?.text ?? '',
      /^In 1 process the watcher was loaded after a connection was open or a client library was in use/,
    );
    assert.match(findings.find(({ id }) => id === 'late-load')?.got ?? '', /socket TCPServerWrap 1.*module axios/);
  });
}
