/** Built-ins of JavaScript belong to all code of a thread: an application that replaces one must not decide what the watcher sees, writes or hands out. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { attack } from './attack.ts';
import { ENTRY, FIXTURES, run } from './child.ts';
import { temporary } from './layout.ts';

/** Frames that look like those of another package. */
const FORGED = `const file = __dirname.replace('thief', 'innocent') + '/index.js';
  const forged = [{ isEval: () => false, isAsync: () => false, getFileName: () => file, getLineNumber: () => 1, getColumnNumber: () => 1, getFunctionName: () => 'f' }];
  let formatter;`;

/** Each makes one connection, and replaces something for it. */
const WAYS: { readonly [way: string]: string } = {
  'Set.prototype.has says that every channel is off': `
    const { has } = Set.prototype; Set.prototype.has = function (value) { return typeof value === 'string' ? true : has.call(this, value); };
    send();`,
  'String.prototype.toLowerCase gives another host': `
    const { toLowerCase } = String.prototype;
    String.prototype.toLowerCase = function () { const made = toLowerCase.call(this); return made === HOST ? 'registry.example' : made; };
    send();`,
  'Map.prototype.get throws': `
    const { get } = Map.prototype; Map.prototype.get = function (key) { if (typeof key === 'string') throw new Error('no'); return get.call(this, key); };
    send().on('close', () => { Map.prototype.get = get; });`,
  'every method of lists throws in the watcher': `
    for (const name of ['map', 'filter', 'includes', 'push', 'some', 'every', 'find', 'join', 'slice', 'flatMap', 'entries', 'toSorted']) {
      const method = Array.prototype[name];
      Array.prototype[name] = function (...args) { if (/[/]agent[/](bundle|dist|src)/.test(new Error().stack)) throw new Error('no'); return method.apply(this, args); };
    }
    send();`,
  'every method of strings throws in the watcher': `
    const { test } = RegExp.prototype, { apply } = Reflect;
    for (const name of Object.getOwnPropertyNames(String.prototype)) {
      const method = String.prototype[name];
      if (name !== 'constructor' && typeof method === 'function')
        String.prototype[name] = function (...args) { if (apply(test, /[/]agent[/](bundle|dist|src)/, [new Error().stack])) throw new Error('no'); return apply(method, this, args); };
    }
    send();`,
  'lists are iterated by another iterator': `
    const steps = Object.getPrototypeOf([][Symbol.iterator]()); const { next } = steps;
    steps.next = function () { return /[/]agent[/](bundle|dist|src)/.test(new Error().stack) ? { done: true } : next.call(this); };
    send();`,
  'the globals are others': `
    globalThis.Reflect = { ...Reflect, get: () => undefined, apply: () => undefined }; globalThis.Object = { keys: () => [] };
    globalThis.Math = { max: () => 0, floor: () => 0, round: () => 0 }; send();`,
  'Object.prototype has members of options and descriptors': `
    for (const [name, value] of Object.entries({ host: 'x.example', package: 'innocent', for: 7, leave() {}, observe() {}, inspect() {} }))
      Object.prototype[name] = value;
    net.connect({ port: PORT, host: HOST, path: undefined }).end('abc'); Object.prototype.get = undefined; send();`,
  'Object.prototype has members of descriptors, and what they describe was replaced': `
    const { has } = Set.prototype; Set.prototype.has = function (value) { return has.call(this, value); };
    Object.defineProperty(Error, 'prepareStackTrace', { configurable: true, get: () => undefined, set() {} });
    Object.prototype.get = undefined;
    send().on('close', () => { delete Object.prototype.get; if (Object.getOwnPropertyDescriptor(Error, 'prepareStackTrace').set === undefined) throw new Error('the formatter is not what it was'); });`,
  'a setter of Error takes the formatter of stacks': `${FORGED}
    Object.defineProperty(Error, 'prepareStackTrace', { configurable: true, set(given) { formatter = given; },
      get: () => (error, sites) => (formatter ? formatter(error, forged) : sites) });
    send();`,
  'a setter that Error inherits takes it': `${FORGED}
    Object.defineProperty(Function.prototype, 'prepareStackTrace', { configurable: true, set(given) { formatter = given; },
      get: () => (formatter ? (error) => formatter(error, forged) : undefined) });
    send();`,
  'another global Error takes it': `${FORGED}
    globalThis.Error = new Proxy(Error, {
      set(target, name, value) { if (name === 'prepareStackTrace') formatter = value; else target[name] = value; return true; },
      get: (target, name) => (name !== 'prepareStackTrace' ? target[name] : formatter ? (error) => formatter(error, forged) : undefined) });
    send();`,
};

for (const [way, thief] of Object.entries(WAYS)) {
  test(`the row is as it would be: ${way}`, async (t) => {
    const { ended, received, rows, written } = await attack(t, thief);
    assert.equal(ended.code, 0, ended.err);
    assert.ok(received.length > 0);
    assert.deepEqual(
      rows,
      Array.from(received, () => 'tcp thief'),
    );
    assert.ok(written.every((one) => one.kind !== 'conn' || one.host === '127.0.0.1'));
    assert.deepEqual(
      written.filter(({ kind }) => kind === 'gap' || kind === 'hook'),
      [],
    );
  });
}

test('Reflect.apply and Reflect.construct of an application are given no function from behind the watcher', async (t) => {
  const { ended, rows, written } = await attack(
    t,
    `const { apply, construct } = Reflect, got = [];
    const { Worker } = require('node:worker_threads');
    Reflect.apply = (target, self, args) => { got.push(target); return apply(target, self, args); };
    Reflect.construct = (target, args, made = target) => { got.push(target); return construct(target, args, made); };
    new Worker('0', { eval: true }).on('exit', () => {
      send().on('close', () => { Reflect.apply = apply; Reflect.construct = construct; console.log(JSON.stringify(got.map(({ name }) => name))); });
    });`,
  );
  assert.equal(ended.code, 0, ended.err);
  assert.deepEqual(JSON.parse(ended.out), []);
  assert.deepEqual(rows, ['worker  thief', 'tcp thief']);
  assert.ok(written.every(({ kind }) => kind !== 'hook'));
});

test('the application finds what it has put there, also while a call is under way', async (t) => {
  const { ended } = await attack(
    t,
    `const own = () => true, before = Object.getOwnPropertyDescriptor(Set.prototype, 'has');
    Object.defineProperty(Set.prototype, 'has', { get: () => own, configurable: true });
    const seen = [], look = () => seen.push(new Set().has === own && Set.prototype.propertyIsEnumerable('has') === false);
    net.connect({ port: PORT, host: HOST, lookup: undefined, get path() { return undefined; } }, look).end('abc').on('close', () => {
      look(); Object.defineProperty(Set.prototype, 'has', before); console.log(JSON.stringify(seen)); });`,
  );
  assert.equal(ended.code, 0, ended.err);
  assert.deepEqual(JSON.parse(ended.out), [true, true]);
});

test('one that was made unchangeable after it had been replaced is told', async (t) => {
  const { ended, rows, written } = await attack(
    t,
    `const { get } = Map.prototype; Object.defineProperty(Map.prototype, 'get', { value(key) { return get.call(this, key); }, configurable: false, writable: false });
    send();`,
  );
  assert.equal(ended.code, 0, ended.err);
  assert.deepEqual(rows, ['tcp thief']);
  assert.deepEqual(
    written.flatMap((one) => (one.kind === 'hook' ? [`${one.event} ${one.text}`] : [])),
    ['changed a built-in function that the watcher calls was replaced for good'],
  );
});

test('the watcher calls no built-in function that an application could replace', async (t) => {
  const cwd = temporary(t);
  const traffic = path.join(FIXTURES, 'some-of-everything.cjs');
  const ended = await run(['--no-warnings', '--require', ENTRY, '--require', path.join(FIXTURES, 'spy.cjs'), traffic], {
    cwd,
    env: { OUTWITNESS_DATA: path.join(cwd, 'data') },
  });
  assert.equal(ended.code, 0, ended.err);
  const said = JSON.parse(ended.out) as { replaced: number; byOthers: number; byTheWatcher: string[] };
  assert.ok(said.replaced > 700, `${said.replaced} replaced`);
  assert.ok(said.byOthers > 0, 'nobody called any of them');
  assert.deepEqual(said.byTheWatcher, [], 'the watcher calls what packages/interceptor/src/builtins.ts does not name');
});
