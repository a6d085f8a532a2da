import assert from 'node:assert/strict';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import threads, { Worker, type WorkerOptions } from 'node:worker_threads';
import { Collector, until } from './collect.ts';

const Captured = Worker;
const MESSAGE = 'require("worker_threads").parentPort.postMessage({ flags: process.execArgv, env: process.env.OWN })';

describe('worker', () => {
  const collector = new Collector();
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'outwitness-worker-'));
  const file = path.join(folder, 'thread.cjs');
  let options: object | undefined;
  let done = 0;
  let uninstall: () => void = () => undefined;
  before(() => {
    fs.writeFileSync(file, MESSAGE);
    collector.ports.attributor.inside = (name) => `inside/${path.basename(name)}`;
    collector.ports.children = {
      environment: () => undefined,
      thread: () => ({ options, done: () => done++ }),
      replaced: () => undefined,
      stays: () => undefined,
    };
    const watcher = collector.install();
    uninstall = () => {
      assert.equal(watcher.faults, 0);
      watcher.uninstall();
      assert.equal(Worker, Captured);
      assert.equal(Worker.prototype.constructor, Captured);
    };
  });
  after(() => {
    uninstall();
    fs.rmSync(folder, { recursive: true });
  });
  beforeEach(() => {
    collector.clear();
    options = undefined;
    done = 0;
  });

  async function rows(): Promise<string[]> {
    await until(
      () =>
        collector.opens().length > 0 && collector.opens().every(({ call }) => collector.done({ call }) !== undefined),
    );
    return collector.opens().map(({ call, channel, path: name, basis }) => {
      const end = collector.done({ call });
      return [channel, name ?? '-', basis, end?.outcome, end?.error].filter((text) => text !== undefined).join(' ');
    });
  }

  async function message(worker: Worker): Promise<unknown> {
    // Node may emit both in one turn: whoever asks for the second after the first has missed it.
    const ended = once(worker, 'exit');
    const [said] = (await once(worker, 'message')) as [unknown];
    await ended;
    return said;
  }

  it('every form of the file name is one row, written before the thread starts', async () => {
    for (const [name, more] of [
      [file, {}],
      [pathToFileURL(file), {}],
      [MESSAGE, { eval: true }],
      [new URL(`data:text/javascript,${encodeURIComponent('// SECRETVALUE')}`), {}],
    ] as const) {
      const worker = new Worker(name, more);
      assert.equal(collector.intents.length, collector.opens().length);
      await once(worker, 'exit');
    }
    assert.deepEqual(await rows(), [
      'worker inside/thread.cjs stack ok',
      'worker inside/thread.cjs stack ok',
      'worker - stack ok',
      'worker - stack ok',
    ]);
    assert.equal(done, 4);
    assert.ok(!JSON.stringify(collector.records).includes('SECRETVALUE'));
  });

  it('the class looks as before: instanceof, name, length, prototype, subclasses, new.target', async () => {
    assert.notEqual(Worker, Captured);
    assert.equal(Worker, threads.Worker);
    assert.deepEqual([Worker.name, Worker.length], [Captured.name, Captured.length]);
    assert.equal(Worker.prototype, Captured.prototype);
    assert.equal(Worker.prototype.constructor, Worker);
    class Own extends Worker {
      readonly mine: boolean = true;
    }
    const worker = new Own(MESSAGE, { eval: true });
    assert.ok(worker instanceof Own && worker instanceof Worker && worker instanceof Captured && worker.mine);
    await message(worker);
    assert.throws(() => (Worker as unknown as (name: string) => void)(file), TypeError);
    assert.deepEqual(await rows(), ['worker - stack ok']);
  });

  it('how a thread ends is told', async () => {
    const failing = new Worker('throw new Error("SECRETVALUE")', { eval: true });
    failing.on('error', () => undefined);
    await new Promise((resolve) => {
      failing.once('exit', resolve);
    });
    const stopped = new Worker('setInterval(() => {}, 1000)', { eval: true });
    await once(stopped, 'online');
    await stopped.terminate();
    assert.throws(() => new Worker('./nothing', { workerData: () => undefined }));
    assert.deepEqual(await rows(), [
      'worker - stack error',
      'worker - stack error',
      'worker inside/nothing stack error',
    ]);
    assert.equal(done, 3);
    assert.ok(!JSON.stringify(collector.records).includes('SECRETVALUE'));
  });

  it('the host may give other options; what Node refuses of them is tried with the caller’s own, which stay as they are', async () => {
    const own: WorkerOptions = Object.freeze({
      eval: true,
      env: Object.freeze({ OWN: '1' }),
      execArgv: ['--no-warnings'],
    });
    options = { ...own, env: { OWN: 'by the host' } };
    assert.deepEqual(await message(new Worker(MESSAGE, own)), { flags: ['--no-warnings'], env: 'by the host' });
    options = { ...own, execArgv: ['--title=x'] };
    assert.deepEqual(await message(new Worker(MESSAGE, own)), { flags: ['--no-warnings'], env: '1' });
    assert.throws(() => new Worker(MESSAGE, { eval: true, execArgv: ['--title=x'] }), {
      code: 'ERR_WORKER_INVALID_EXEC_ARGV',
    });
    assert.deepEqual(await rows(), ['worker - stack ok', 'worker - stack ok', 'worker - stack error']);
    assert.equal(done, 3);
  });

  it('a class taken before is seen by the event of Node, without a caller', async () => {
    await once(new Captured(MESSAGE, { eval: true }), 'exit');
    assert.deepEqual(await rows(), ['worker - none ok']);
  });
});
