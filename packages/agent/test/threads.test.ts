import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { withEntry } from '../src/entry.ts';
import { ENTRY, records, run } from './child.ts';
import { layout, temporary } from './layout.ts';

/** What a thread finds around itself, and one connection that must be on record. */
const THREAD = `
  const { parentPort, workerData, getEnvironmentData } = require('worker_threads');
  const socket = require('net').connect(1, '127.0.0.1');
  socket.on('error', () => undefined).on('close', () => {
    parentPort.postMessage([process.execArgv, Object.keys(process.env).length, process.env.OWN ?? null, getEnvironmentData('outwitness.thread') ?? null, getEnvironmentData('own') ?? null]);
  });
`;

/** Options of a Worker, as text. */
const WAYS = {
  'no options': 'undefined',
  'execArgv: []': '{ execArgv: [] }',
  'execArgv with a flag': "{ execArgv: ['--no-warnings'] }",
  'env: {}': '{ env: {} }',
  'env of its own': "{ env: { OWN: '1' } }",
  'env and execArgv empty': '{ env: {}, execArgv: [] }',
  SHARE_ENV: '{ env: SHARE_ENV }',
  'NODE_OPTIONS of its own': "{ env: { NODE_OPTIONS: '--no-warnings' } }",
} as const;
const FORMS = {
  'a path': "[require.resolve('./thread.cjs'), options]",
  'a URL': "[url.pathToFileURL(require.resolve('./thread.cjs')), options]",
  eval: "[fs.readFileSync(require.resolve('./thread.cjs'), 'utf8'), { ...options, eval: true }]",
  'a data: URL':
    "[new URL('data:text/javascript,' + encodeURIComponent('import { createRequire } from \"node:module\"; createRequire(' + JSON.stringify(__filename) + ')(\"./thread.cjs\")')), options]",
} as const;

/** The same program, with and without the agent. */
const MAIN = `
  const [{ Worker, SHARE_ENV, setEnvironmentData }, fs, url] = ['worker_threads', 'fs', 'url'].map(require);
  setEnvironmentData('own', 'kept');
  process.env.OWN = 'parent';
  (async () => {
    for (const options of [${Object.values(WAYS).join(', ')}]) {
      for (const form of [(options) => ${Object.values(FORMS).join(', (options) => ')}]) {
        if (options) Object.freeze(options);
        const worker = new Worker(...form(options));
        const said = await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
        console.log(JSON.stringify(said));
        await worker.terminate();
      }
    }
  })();
`;

for (const [name, args, env, main] of [
  ['by NODE_OPTIONS', [], { NODE_OPTIONS: withEntry(undefined) }, MAIN],
  ['by --require', ['--require', ENTRY], {}, MAIN],
  ['by a line of the application', [], {}, `require(${JSON.stringify(ENTRY)});${MAIN}`],
] as const) {
  test(`a thread is watched whatever its options, and sees none of it, the agent being loaded ${name}`, async (t) => {
    const cwd = temporary(t);
    layout(cwd, {
      'app/package.json': { name: 'shop', version: '1.0.0' },
      'app/lib/main.cjs': main,
      'app/lib/plain.cjs': MAIN,
      'app/lib/thread.cjs': THREAD,
    });
    const data = path.join(cwd, 'data');
    const common = { OUTWITNESS_DATA: data, OUTWITNESS_SPOOL: path.join(data, 'spool'), ...env };
    const got = await run([...args, 'app/lib/main.cjs'], { cwd, env: common });
    assert.equal(got.code, 0, got.err);
    assert.equal(got.err, '');
    const flags = args.filter((arg) => arg !== ENTRY && arg !== '--require');
    // The same variables; the preload is one that does nothing.
    const nothing = path.join(cwd, 'nothing.cjs');
    fs.writeFileSync(nothing, '');
    const plain = await run([...flags, 'app/lib/plain.cjs'], {
      cwd,
      env: { ...common, ...(name === 'by NODE_OPTIONS' ? { NODE_OPTIONS: withEntry(undefined, nothing) } : {}) },
    });
    const own = (text: string): unknown[] =>
      text
        .trim()
        .split('\n')
        .map((line) => {
          const said = JSON.parse(line) as unknown[];
          // With --require on the command line the flags of the process are the application's to see.
          return name === 'by --require' ? said.slice(1) : said;
        });
    assert.deepEqual(own(got.out), own(plain.out));
    const count = Object.keys(WAYS).length * Object.keys(FORMS).length;
    const written = records(data);
    const threads = written.filter((list) => list[0]?.kind === 'hello' && list[0].thread > 0);
    assert.equal(threads.length, count);
    for (const list of threads) {
      assert.ok(list[0]?.kind === 'hello' && list[0].loaded === 'worker');
      assert.ok(list.some((record) => record.kind === 'conn' && record.port === 1));
    }
    const opens = written
      .flat()
      .flatMap((record) => (record.kind === 'open' && record.channel === 'worker' ? [record] : []));
    assert.equal(opens.length, count);
    assert.ok(opens.every((record) => record.package === 'shop' && record.site?.startsWith('lib/main.cjs:')));
    assert.deepEqual(
      opens.slice(0, 4).map((record) => record.path),
      ['lib/thread.cjs', 'lib/thread.cjs', undefined, undefined],
    );
  });
}

test('threads of threads and children of threads are watched too', async (t) => {
  const cwd = temporary(t);
  layout(cwd, {
    'main.cjs': `
      const { Worker, isMainThread } = require('worker_threads');
      new Worker(\`
        const { Worker } = require('worker_threads');
        require('child_process').execFileSync(process.execPath, ['-e', '0'], { env: {} });
        new Worker('0', { eval: true });
        new Worker('0', { eval: true, execArgv: [], env: {} });
      \`, { eval: true, execArgv: [], env: {} });
    `,
  });
  const data = path.join(cwd, 'data');
  const ended = await run(['--require', ENTRY, 'main.cjs'], { cwd, env: { OUTWITNESS_DATA: data } });
  assert.equal(ended.code, 0, ended.err);
  const hellos = records(data).map(([first]) => (first?.kind === 'hello' ? `${first.loaded} ${first.thread}` : ''));
  assert.deepEqual(hellos.toSorted(), ['require 0', 'require 0', 'worker 1', 'worker 2', 'worker 3']);
});
