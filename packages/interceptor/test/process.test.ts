import assert from 'node:assert/strict';
import childProcess, { execSync, fork, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { after, before, beforeEach, describe, it } from 'node:test';
import { Collector, until } from './collect.ts';
import type { Program } from '../src/index.ts';

const capturedExec = childProcess.exec;
const entry = pathToFileURL(path.join(import.meta.dirname, `collect${path.extname(import.meta.url)}`)).href;

describe('process', () => {
  const collector = new Collector();
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'outwitness-process-'));
  const empty = path.join(folder, 'empty.cjs');
  let asked: Program[] = [];
  let answer: string[] | undefined;
  let uninstall: () => void = () => undefined;
  before(() => {
    fs.writeFileSync(empty, '');
    collector.ports.children = {
      environment: (program) => {
        asked.push(program);
        return answer;
      },
      thread: () => undefined,
      replaced: () => assert.fail('nothing was replaced'),
      stays: () => undefined,
    };
    const watcher = collector.install();
    uninstall = () => {
      assert.equal(watcher.faults, 0);
      watcher.uninstall();
    };
  });
  after(() => {
    uninstall();
    fs.rmSync(folder, { recursive: true });
  });
  beforeEach(() => {
    collector.clear();
    asked = [];
    answer = undefined;
  });

  /** Method, path and outcome of each row, once every one has ended. */
  async function rows(): Promise<string[]> {
    await until(() => collector.opens().every(({ call }) => collector.done({ call }) !== undefined));
    return collector.opens().map(({ call, channel, method, path: program }) => {
      const done = collector.done({ call });
      return [channel, method, program, done?.outcome, done?.error].filter((text) => text !== undefined).join(' ');
    });
  }

  it('every way of node:child_process is one row, written before the program starts', async () => {
    const said = path.join(folder, 'said');
    spawn('/bin/sh', [`${folder}/missing.sh`]);
    childProcess.execFile('/usr/bin/env', ['true'], () => undefined);
    capturedExec(`echo SECRETVALUE > ${said}`);
    fork(empty);
    spawnSync('true', ['SECRETVALUE']);
    execSync('true');
    childProcess.execFileSync('true');
    assert.equal(collector.intents.length, 7);
    assert.deepEqual(await rows(), [
      'process spawn sh error',
      'process spawn env ok',
      'process exec sh ok',
      `process fork ${path.basename(process.execPath)} ok`,
      'process spawn true ok',
      'process exec sh ok',
      'process spawn true ok',
    ]);
    assert.ok(!JSON.stringify(collector.records).includes('SECRETVALUE'));
    assert.ok(!JSON.stringify(collector.records).includes(folder));
    assert.ok(collector.opens().every(({ package: name }) => name === 'test'));
  });

  it('of a command line the network programs that it names are the row’s path, and nothing else of it', async () => {
    childProcess.exec('SECRET=SECRETVALUE curl --version # SECRETVALUE', () => undefined);
    spawnSync('env', ['A=SECRETVALUE', 'curl', '--version']);
    try {
      execSync('cd / && git --version SECRETVALUE; wget --version > /dev/null', { stdio: 'ignore' });
    } catch {
      // not everywhere is there a wget
    }
    spawnSync('echo', ['curl']);
    const seen = (await rows()).map((row) => row.split(' ').slice(0, 3).join(' '));
    assert.deepEqual(seen, ['process exec curl', 'process spawn curl', 'process exec git+wget', 'process spawn echo']);
    assert.ok(!JSON.stringify(collector.records).includes('SECRETVALUE'));
  });

  it('the row ends with the program, and says how', async () => {
    const sleeping = spawn('sleep', ['30']);
    const failing = spawn('/bin/sh', ['-c', 'sleep 0.1; exit 7']);
    setTimeout(() => sleeping.kill('SIGTERM'), 50);
    spawnSync('sleep', ['30'], { timeout: 50 });
    await Promise.all([once(sleeping, 'close'), once(failing, 'close')]);
    assert.deepEqual(await rows(), [
      'process spawn sleep aborted SIGTERM',
      'process exec sh error',
      'process spawn sleep timeout ETIMEDOUT',
    ]);
    const [first, second] = collector.opens().map(({ call }) => collector.done({ call })?.durationUs ?? 0);
    assert.ok((first ?? 0) >= 50_000 && (second ?? 0) >= 100_000, `${first} ${second}`);
  });

  it('a program that cannot be started is a row too', async () => {
    const locked = path.join(folder, 'locked');
    fs.writeFileSync(locked, '', { mode: 0o600 });
    for (const file of ['no-such-program', locked]) {
      const [error] = (await once(spawn(file), 'error')) as [NodeJS.ErrnoException];
      assert.equal(error.code, spawnSync(file).error && (spawnSync(file).error as NodeJS.ErrnoException).code);
    }
    assert.deepEqual(await rows(), [
      ...Array<string>(3).fill('process spawn no-such-program error ENOENT'),
      ...Array<string>(3).fill('process spawn locked refused EACCES'),
    ]);
  });

  it('the host may give the child another environment; the objects of the caller stay as they are', async () => {
    answer = ['GIVEN=by the host'];
    const options = { env: { OWN: '1' }, encoding: 'utf8' } as const;
    const { stdout } = spawnSync('/usr/bin/env', options);
    assert.equal(stdout, 'GIVEN=by the host\n');
    const child = spawn('/usr/bin/env', [], options);
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    await once(child, 'close');
    assert.equal(text, 'GIVEN=by the host\n');
    assert.deepEqual(options, { env: { OWN: '1' }, encoding: 'utf8' });
    assert.deepEqual(
      asked.map(({ file, args, environment }) => [file, args[0], environment[0]]),
      [
        ['/usr/bin/env', '/usr/bin/env', 'OWN=1'],
        ['/usr/bin/env', '/usr/bin/env', 'OWN=1'],
      ],
    );
    const raw = new (childProcess.ChildProcess as unknown as new () => { spawn(options: object): number })();
    const own = { file: '/usr/bin/env', args: ['env'], envPairs: ['OWN=1'], stdio: 'ignore' };
    const kept = { ...own, envPairs: [...own.envPairs] };
    raw.spawn(own);
    assert.deepEqual(own.envPairs, kept.envPairs);
    await rows();
  });

  it(
    'process.execve is a row before the program is replaced',
    { skip: typeof process.execve === 'function' ? false : 'this Node has no process.execve' },
    () => {
      const script = `
        import { Collector } from ${JSON.stringify(entry)};
        import { writeSync } from 'node:fs';
        import { execve } from 'node:process';
        const collector = new Collector();
        collector.ports.children = { environment: () => ['GIVEN=1'], thread: () => undefined, replaced: () => void writeSync(1, 'replaced '), stays: () => void writeSync(1, 'stays ') };
        collector.ports.sink.intent = ({ channel, method, path }) => void writeSync(1, [channel, method, path, ''].join(' '));
        collector.install();
        try {
          execve('/usr/bin/env', 'no list');
        } catch (error) {
          writeSync(1, error.code + ' ');
        }
        execve('/usr/bin/env', ['env'], { OWN: '1' });`;
      const { stdout, stderr } = spawnSync(process.execPath, ['--no-warnings', '--input-type=module', '-e', script], {
        encoding: 'utf8',
      });
      assert.equal(
        stdout,
        'process execve env stays ERR_INVALID_ARG_TYPE process execve env replaced GIVEN=1\n',
        stderr,
      );
    },
  );

  it('a locked function cannot be put back, and the attempt is a record', () => {
    const bindings = process as unknown as { binding(name: string): Record<string, unknown> };
    const { Process } = bindings.binding('process_wrap') as { Process: { prototype: Record<string, unknown> } };
    for (const [owner, name] of [
      [Process.prototype, 'spawn'],
      [bindings.binding('spawn_sync'), 'spawn'],
    ] as const) {
      assert.throws(() => {
        owner[name] = () => 0;
      }, TypeError);
      assert.throws(() => {
        delete owner[name];
      }, TypeError);
    }
    assert.deepEqual(
      collector.of('hook').map(({ event }) => event),
      ['changed', 'changed'],
    );
  });
});
