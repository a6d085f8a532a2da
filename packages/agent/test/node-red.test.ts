import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Origin } from '@outwitness/interceptor';
import { StackAttributor } from '../src/attribution/attributor.ts';
import { NodeRed } from '../src/hosts/node-red.ts';
import { layout, load, temporary } from './layout.ts';

/** Node-RED's own files, reduced to how they hand a message to a node and how they create one; `examples/node-red` runs the real one. */
function nodeRed(directory: string): Record<string, unknown> {
  const runtime = 'node_modules/@node-red/runtime';
  return {
    'node_modules/@node-red/registry/package.json': { name: '@node-red/registry', main: './lib/index.js' },
    'node_modules/@node-red/registry/lib/index.js': `const registry = require('./registry'); exports.get = registry.get;\n`,
    'node_modules/@node-red/registry/lib/registry.js': `
      const file = (type) => ${JSON.stringify(directory)} + '/node_modules/node-red-' + type + '/61-' + type + '.js';
      exports.getFullNodeInfo = (type) => type === 'unknown' ? null : { file: file(type) };
      exports.get = (type) => require(file(type));\n`,
    [`${runtime}/package.json`]: { name: '@node-red/runtime', version: '5.0.7' },
    [`${runtime}/lib/nodes/index.js`]: `exports.Node = require('./Node');\n`,
    [`${runtime}/lib/nodes/Node.js`]: `
      function Node() {}
      Node.prototype._emitInput = function (message) { return this.input(message); };
      module.exports = Node;\n`,
    [`${runtime}/lib/flows/util.js`]: `
      const registry = require('@node-red/registry');
      module.exports = { createNode: async (flow, config) => new (registry.get(config.type))(config) };\n`,
    [`${runtime}/lib/flows/Flow.js`]: `const flowUtil = require('./util'); exports.create = (config) => flowUtil.createNode({}, config);\n`,
    'node_modules/node-red-mail/package.json': { name: 'node-red-mail', version: '1.1.0' },
    'node_modules/node-red-mail/61-mail.js': `
      const Node = require('@node-red/runtime/lib/nodes/Node.js');
      const { flush } = require('got');
      module.exports = class extends Node {
        constructor(config) { super(); this.type = config.type; flush(config.api).then(config.started); }
        input(message) { flush(message.api).then(message.done); }
      };\n`,
    'node_modules/got/package.json': { name: 'got', version: '14.0.0' },
    'node_modules/got/index.js': `exports.flush = async (api) => { await null; return new Promise((r) => setImmediate(() => r(api()))); };\n`,
  };
}

function answer(): { promise: Promise<Origin>; resolve: (origin: Origin) => void } {
  let resolve: (origin: Origin) => void = () => undefined;
  const promise = new Promise<Origin>((settle) => (resolve = settle));
  return { promise, resolve };
}

interface Flow {
  create(config: object): Promise<{ type: string; _emitInput(message: object): void; input: Function }>;
}

/** Node 20 publishes no `tracing:module.require`. */
const unseen = process.versions.node.startsWith('20.') && 'Node 20 does not tell which modules are required';

for (const early of [true, false]) {
  const name = `a call that leaves when the node is off the stack is put down to the node's package, the agent loaded ${early ? 'before' : 'after'} Node-RED`;
  test(name, { skip: early && unseen }, async (t) => {
    const directory = temporary(t);
    layout(directory, nodeRed(directory));
    const attributor = new StackAttributor({
      hookFolders: [new URL('../src/', import.meta.url).pathname, new URL('.', import.meta.url).pathname],
      blinded: () => undefined,
    });
    const host = new NodeRed();
    attributor.addHost(host);
    if (early) host.watch();
    load(directory, 'node_modules/@node-red/runtime/lib/nodes/index.js');
    const flow = load(directory, 'node_modules/@node-red/runtime/lib/flows/Flow.js') as Flow;
    if (!early) host.watch();
    const api = (): Origin => attributor.capture(api);

    const expected = {
      package: 'node-red-mail',
      packageVersion: '1.1.0',
      basis: 'host',
      site: '61-mail.js',
      via: ['got'],
      chain: ['got', 'node-red-mail'],
    };
    const started = answer();
    const node = await flow.create({ type: 'mail', api, started: started.resolve });
    assert.deepEqual(await started.promise, expected);
    const sent = answer();
    node._emitInput({ api, done: sent.resolve });
    assert.deepEqual(await sent.promise, expected);

    const unknown = answer();
    node.type = 'unknown';
    node._emitInput({ api, done: unknown.resolve });
    assert.equal((await unknown.promise).basis, 'transport');
    assert.equal(host.current(), undefined);
  });
}
