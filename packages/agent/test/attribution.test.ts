import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import vm from 'node:vm';
import type { Origin } from '@outwitness/interceptor';
import { StackAttributor } from '../src/attribution/attributor.ts';
import { layout, load, temporary } from './layout.ts';

/** Stands for an API function of Node that was wrapped: everything up to it is cut off. */
function api(): Origin {
  return attributor().capture(api);
}

let current: StackAttributor | undefined;
function attributor(): StackAttributor {
  current ??= new StackAttributor({ hookFolders: ['/hooks/'], blinded: () => assert.fail('blinded') });
  return current;
}

/** A function of no file, so that the test itself is not on the stack. */
const fileless = vm.runInThisContext('(done, f) => () => done(f())', 'made-up') as (
  done: (origin: Origin) => void,
  f: () => Origin,
) => () => void;

type Call = (...args: unknown[]) => unknown;

const SEND = `exports.send = function send(api) { return api(); };\n`;

test('the package that calls is named, with version, place and function, never by an absolute path', (t) => {
  const directory = temporary(t);
  layout(directory, {
    'node_modules/stripe/package.json': { name: 'stripe', version: '1.2.3' },
    'node_modules/stripe/lib/net/send.js': SEND,
  });
  const { send } = load(directory, 'node_modules/stripe/lib/net/send.js') as { send: Call };
  const origin = send(api) as Origin;
  assert.deepEqual(
    { ...origin, chain: origin.chain?.slice(0, 1) },
    {
      package: 'stripe',
      packageVersion: '1.2.3',
      site: 'lib/net/send.js:1:44 send',
      chain: ['stripe'],
      basis: 'stack',
    },
  );
});

for (const [what, file, name] of [
  ['scoped', 'node_modules/@acme/sdk/index.js', '@acme/sdk'],
  ['nested', 'node_modules/a/node_modules/b/index.js', 'b'],
  ['nested and scoped', 'node_modules/@x/a/node_modules/@y/b/dist/cjs/index.js', '@y/b'],
  ['pnpm', 'node_modules/.pnpm/left-pad@1.3.0/node_modules/left-pad/index.js', 'left-pad'],
  ['pnpm with peers', 'node_modules/.pnpm/@s+x@1.0.0_react@18.0.0/node_modules/@s/x/index.js', '@s/x'],
] as const) {
  test(`a ${what} package is found by the last node_modules folder`, (t) => {
    const directory = temporary(t);
    const root = file.slice(0, file.lastIndexOf(name) + name.length);
    layout(directory, { [`${root}/package.json`]: { name, version: '4.5.6' }, [file]: SEND });
    const origin = (load(directory, file) as { send: Call }).send(api) as Origin;
    assert.deepEqual([origin.package, origin.packageVersion], [name, '4.5.6']);
  });
}

test('a package.json without a name, or below the root of the package, is not the package', (t) => {
  const directory = temporary(t);
  layout(directory, {
    'node_modules/dual/package.json': { name: 'dual', version: '2.0.0' },
    'node_modules/dual/cjs/package.json': { type: 'commonjs' },
    'node_modules/dual/cjs/index.js': SEND,
    'node_modules/dual/sub/package.json': { name: 'other', version: '9.9.9' },
    'node_modules/dual/sub/index.js': SEND,
  });
  for (const file of ['cjs/index.js', 'sub/index.js']) {
    const origin = (load(directory, `node_modules/dual/${file}`) as { send: Call }).send(api) as Origin;
    assert.deepEqual([origin.package, origin.packageVersion], ['dual', '2.0.0']);
    assert.ok(origin.site?.startsWith(file));
  }
});

test('an installed package is called as its folder is, whatever name it claims', (t) => {
  const directory = temporary(t);
  layout(directory, {
    'node_modules/evil/package.json': { name: 'stripe', version: '1.0.0' },
    'node_modules/evil/index.js': SEND,
  });
  const origin = (load(directory, 'node_modules/evil/index.js') as { send: Call }).send(api) as Origin;
  assert.equal(origin.package, 'evil');
});

test('the application, its workspaces and linked packages are called by their own package.json', (t) => {
  const directory = temporary(t);
  layout(directory, {
    'package.json': { name: 'shop', version: '1.0.0' },
    'src/server.js': SEND,
    'packages/tax/package.json': { name: '@shop/tax', version: '0.1.0' },
    'packages/tax/lib/index.js': SEND,
    'packages/plain/index.js': SEND,
  });
  fs.mkdirSync(path.join(directory, 'node_modules/@shop'), { recursive: true });
  fs.symlinkSync(path.join(directory, 'packages/tax'), path.join(directory, 'node_modules/@shop/tax'));
  const named = (file: string): unknown => ((load(directory, file) as { send: Call }).send(api) as Origin).package;
  assert.equal(named('src/server.js'), 'shop');
  assert.equal(named('node_modules/@shop/tax/lib/index.js'), '@shop/tax');
  assert.equal(named('packages/plain/index.js'), 'shop');
});

test('a script outside any package is (app), its place the file name alone', (t) => {
  const directory = temporary(t);
  layout(directory, { 'deep/down/script.js': SEND });
  const origin = (load(directory, 'deep/down/script.js') as { send: Call }).send(api) as Origin;
  assert.equal(origin.package, '(app)');
  assert.equal(origin.site, 'script.js:1:44 send');
});

const CARRIED = {
  'package.json': { name: 'shop' },
  'pay.js': `const axios = require('axios'); exports.pay = function pay(api) { return axios.get(api); };\n`,
  'node_modules/axios/package.json': { name: 'axios', version: '1.0.0' },
  'node_modules/axios/index.js': `const f = require('follow-redirects'); exports.get = function get(api) { return f.request(api); };\n`,
  'node_modules/follow-redirects/package.json': { name: 'follow-redirects', version: '1.0.0' },
  'node_modules/follow-redirects/index.js': `exports.request = function request(api) { return api(); };\n`,
};

test('transports between the call and the package responsible are passed over and listed, nearest the call first', (t) => {
  const directory = temporary(t);
  layout(directory, CARRIED);
  const origin = (load(directory, 'pay.js') as { pay: Call }).pay(api) as Origin;
  assert.equal(origin.package, 'shop');
  assert.deepEqual(origin.via, ['follow-redirects', 'axios']);
  assert.deepEqual(origin.chain?.slice(0, 3), ['follow-redirects', 'axios', 'shop']);
  assert.equal(origin.basis, 'stack');
});

test('if only transports are on the stack the outermost is named, as a weak answer', async (t) => {
  const directory = temporary(t);
  layout(directory, CARRIED);
  const { get } = load(directory, 'node_modules/axios/index.js') as { get: Call };
  const origin = await new Promise<Origin>((resolve) => {
    setImmediate(get, fileless(resolve, api));
  });
  assert.deepEqual([origin.package, origin.basis, origin.via], ['axios', 'transport', ['follow-redirects', 'axios']]);
});

test('if nobody is on the stack nobody is named', async () => {
  const origin = await new Promise<Origin>((resolve) => {
    setImmediate(fileless(resolve, api));
  });
  assert.deepEqual(origin, { basis: 'none' });
});

test('an async function beyond an await is named with basis async', async (t) => {
  const directory = temporary(t);
  layout(directory, {
    'node_modules/axios/package.json': { name: 'axios' },
    'node_modules/axios/index.js': `exports.get = async function get(api) { await null; return api(); };\n`,
    'node_modules/sdk/package.json': { name: 'sdk' },
    'node_modules/sdk/index.js': `exports.run = async function run(get, api) { return await get(api); };\n`,
  });
  const { get } = load(directory, 'node_modules/axios/index.js') as { get: Call };
  const { run } = load(directory, 'node_modules/sdk/index.js') as { run: Call };
  const origin = (await run(get, api)) as Origin;
  assert.deepEqual([origin.package, origin.basis, origin.via], ['sdk', 'async', ['axios']]);
});

test('callbacks and emitters are named by the code that they run', async (t) => {
  const directory = temporary(t);
  layout(directory, {
    'node_modules/late/package.json': { name: 'late' },
    'node_modules/late/index.js': `
      const { EventEmitter } = require('node:events');
      exports.timer = (api, done) => setTimeout(() => done(api()), 1);
      exports.emitter = (api, done) => { const e = new EventEmitter(); e.on('x', function onX() { done(api()); }); process.nextTick(() => e.emit('x')); };
      exports.each = (api, done) => [1].forEach(() => done(api()));\n`,
  });
  const module = load(directory, 'node_modules/late/index.js') as { [name: string]: Call };
  for (const name of ['timer', 'emitter', 'each']) {
    const origin = await new Promise<Origin>((resolve) => module[name]?.(api, resolve));
    assert.equal(origin.package, 'late', name);
    assert.equal(origin.basis, 'stack');
  }
});

test('code from eval and new Function belongs to the file that evaluated it, whatever sourceURL claims', (t) => {
  const directory = temporary(t);
  layout(directory, {
    'node_modules/tpl/package.json': { name: 'tpl' },
    'node_modules/tpl/(group)/index.js': `
      exports.direct = (api) => eval('api()\\n//# sourceURL=/x/node_modules/stripe/index.js');
      exports.made = (api) => new Function('api', 'return api()')(api);
      exports.nested = (api) => eval('eval("api()")');\n`,
  });
  const module = load(directory, 'node_modules/tpl/(group)/index.js') as { [name: string]: Call };
  for (const name of ['direct', 'made', 'nested']) {
    const origin = module[name]?.(api) as Origin;
    assert.equal(origin.package, 'tpl', name);
    assert.match(origin.site ?? '', /^\(group\)\/index\.js:\d+:\d+/, name);
  }
});

test('an ES module loaded by a URL with a query is found', async (t) => {
  const directory = temporary(t);
  layout(directory, {
    'node_modules/esm pkg/package.json': { name: 'esm pkg', version: '3.0.0', type: 'module' },
    'node_modules/esm pkg/index.js': `export function send(api) { return api(); }\n`,
  });
  const url = pathToFileURL(path.join(directory, 'node_modules/esm pkg/index.js'));
  url.search = '?v=1';
  const { send } = (await import(url.href)) as { send: Call };
  const origin = send(api) as Origin;
  assert.deepEqual([origin.package, origin.packageVersion, origin.site], ['esm pkg', '3.0.0', 'index.js:1:36 send']);
});

test('frames of hooks are passed over, unless such a frame made the call itself', (t) => {
  const directory = temporary(t);
  layout(directory, {
    'node_modules/@outwitness/interceptor/package.json': { name: '@outwitness/interceptor' },
    'node_modules/@outwitness/interceptor/dist/guard.js': `exports.through = (f) => f(); exports.send = (api) => api();\n`,
    'node_modules/app/package.json': { name: 'app' },
    'node_modules/app/index.js': `exports.run = (through, f) => through(f);\n`,
    'node_modules/axios/package.json': { name: 'axios' },
    'node_modules/axios/index.js': SEND,
  });
  const folder = `${directory}/node_modules/@outwitness/interceptor/dist/`;
  const own = new StackAttributor({ hookFolders: [folder], blinded: () => undefined });
  const capture = (): Origin => own.capture(capture);
  const hook = load(directory, 'node_modules/@outwitness/interceptor/dist/guard.js') as { through: Call; send: Call };
  const { run } = load(directory, 'node_modules/app/index.js') as { run: Call };
  const { send } = load(directory, 'node_modules/axios/index.js') as { send: Call };
  const carried = run(hook.through, () => send(capture)) as Origin;
  assert.ok(!carried.chain?.includes('@outwitness/interceptor'));
  const self = hook.send(capture) as Origin;
  assert.equal(self.package, '@outwitness/interceptor');
});

test('a cut function that is not on the stack is no reason to name nobody', (t) => {
  const directory = temporary(t);
  layout(directory, { 'node_modules/x/package.json': { name: 'x' }, 'node_modules/x/index.js': SEND });
  const { send } = load(directory, 'node_modules/x/index.js') as { send: Call };
  const own = new StackAttributor({ hookFolders: [new URL('.', import.meta.url).pathname], blinded: () => undefined });
  const origin = send(() => own.capture(() => undefined)) as Origin;
  assert.ok(origin.chain?.includes('x'));
});

test('Error is left as it was found, absent properties too', () => {
  const before = { limit: Error.stackTraceLimit, prepare: Object.getOwnPropertyDescriptor(Error, 'prepareStackTrace') };
  const mine = (): string => 'mine';
  try {
    Reflect.deleteProperty(Error, 'stackTraceLimit');
    Error.prepareStackTrace = mine;
    api();
    assert.ok(!Object.hasOwn(Error, 'stackTraceLimit'));
    assert.equal(Reflect.get(Error, 'prepareStackTrace'), mine);
    Reflect.deleteProperty(Error, 'prepareStackTrace');
    api();
    assert.ok(!Object.hasOwn(Error, 'prepareStackTrace'));
  } finally {
    Error.stackTraceLimit = before.limit;
    if (before.prepare !== undefined) Object.defineProperty(Error, 'prepareStackTrace', before.prepare);
  }
});

test('an Error that somebody locked is told once as blinded, and costs the name only', () => {
  const told: string[] = [];
  const own = new StackAttributor({ hookFolders: [], blinded: (text) => told.push(text) });
  Object.defineProperty(Error, 'prepareStackTrace', { value: () => 'x', writable: false, configurable: true });
  try {
    assert.deepEqual(own.capture(undefined), { basis: 'none' });
    own.capture(undefined);
  } finally {
    Object.defineProperty(Error, 'prepareStackTrace', { value: undefined, writable: true, configurable: true });
  }
  assert.equal(told.length, 1);
});

test('a host names its unit where the stack names only who carried the call', async (t) => {
  const directory = temporary(t);
  layout(directory, { ...CARRIED, 'node_modules/unit/package.json': { name: 'unit', version: '7.0.0' } });
  const own = new StackAttributor({ hookFolders: [], blinded: () => undefined });
  own.addHost({
    name: 'test',
    scaffold: [],
    current: () => path.join(directory, 'node_modules/unit/61-unit.js'),
    site: () => '61-unit.js',
  });
  const capture = (): Origin => own.capture(capture);
  const { get } = load(directory, 'node_modules/axios/index.js') as { get: Call };
  const origin = await new Promise<Origin>((resolve) => {
    setImmediate(get, fileless(resolve, capture));
  });
  assert.deepEqual(origin, {
    package: 'unit',
    packageVersion: '7.0.0',
    basis: 'host',
    site: '61-unit.js',
    via: ['follow-redirects', 'axios'],
    chain: ['follow-redirects', 'axios', 'unit'],
  });
  assert.equal(own.describe('unit', '7.0.0')?.version, '7.0.0');
});

/** Stands for `listen()`. */
function listenApi(): Origin {
  return attributor().listener(listenApi);
}

test('whose server it is: the application behind a framework, which for a call is no transport', (t) => {
  const directory = temporary(t);
  layout(directory, {
    'package.json': { name: 'shop', version: '2.0.0' },
    'server.js': `const { run } = require('express');\nexports.start = (api) => run(api);\n`,
    'node_modules/express/package.json': { name: 'express', version: '5.0.0', dependencies: { mailer: '*' } },
    'node_modules/express/index.js': `exports.run = (api) => require('mailer').send(api);\n`,
    'node_modules/mailer/package.json': { name: 'mailer', version: '1.0.0' },
    'node_modules/mailer/index.js': SEND,
  });
  const { start } = load(directory, 'server.js') as { start: Call };
  const listening = start(listenApi) as Origin;
  assert.deepEqual(
    [listening.package, listening.packageVersion, listening.basis, listening.via],
    ['shop', '2.0.0', 'stack', ['mailer', 'express']],
  );
  const called = start(api) as Origin;
  assert.deepEqual(
    [called.package, called.basis],
    ['mailer', 'stack'],
    'what a dependency of a framework sends is its own',
  );
});
