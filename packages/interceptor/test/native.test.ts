import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { Collector } from './collect.ts';

const entry = pathToFileURL(path.join(import.meta.dirname, `collect${path.extname(import.meta.url)}`)).href;
const hasFfi = createRequire(import.meta.url)('node:module').builtinModules.includes('node:ffi') as boolean;
const SOURCE = 'void *napi_register_module_v1(void *env, void *exports) { return exports; }\n';
const compiler = ['cc', 'gcc', 'clang'].find((name) => spawnSync(name, ['--version']).status === 0);

/** What a process of its own records. */
function recorded(script: string, flags: string[] = []): string[] {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [
      '--no-warnings',
      ...flags,
      '--input-type=module',
      '-e',
      `import { Collector } from ${JSON.stringify(entry)};
       const collector = new Collector();
       const watcher = collector.install();
       process.on('exit', () => {
         const rows = collector.opens().map(({ call, channel, path, basis }) => [channel, path, basis, collector.done({ call })?.outcome].join(' '));
         console.log(JSON.stringify([...rows, watcher.faults]));
       });
       ${script}`,
    ],
    { encoding: 'utf8' },
  );
  const lines = stdout.trim().split('\n');
  const [faults, ...rows] = (JSON.parse(lines.at(-1) ?? '') as unknown[]).toReversed();
  assert.equal(faults, 0, stderr);
  return rows.toReversed().map(String);
}

describe('native', () => {
  const collector = new Collector();
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'outwitness-native-'));
  const load = createRequire(path.join(folder, 'any.js'));
  let uninstall: () => void = () => undefined;
  before(() => {
    collector.ports.attributor.inside = (file) => path.relative(folder, file);
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
  beforeEach(() => collector.clear());

  const rows = (): string[] =>
    collector.opens().map(({ call, channel, path: name }) => `${channel} ${name} ${collector.done({ call })?.outcome}`);

  it('an addon is one row before its code runs', { skip: compiler === undefined && 'no C compiler' }, () => {
    assert.ok(compiler !== undefined);
    fs.mkdirSync(path.join(folder, 'build'));
    fs.writeFileSync(path.join(folder, 'addon.c'), SOURCE);
    const { status, stderr } = spawnSync(
      compiler,
      ['-shared', '-fPIC', '-o', path.join(folder, 'build/own.node'), path.join(folder, 'addon.c')],
      { encoding: 'utf8' },
    );
    assert.equal(status, 0, stderr);
    collector.clear();
    load('./build/own.node');
    assert.equal(collector.intents.length, 1);
    assert.deepEqual(rows(), ['native build/own.node ok']);
  });

  it('a file that is no addon is a row too, and its error is untouched', () => {
    fs.writeFileSync(path.join(folder, 'text.node'), 'no addon');
    assert.throws(() => load('./text.node') as unknown, { code: 'ERR_DLOPEN_FAILED' });
    assert.deepEqual(rows(), ['native text.node error']);
  });

  it('process.dlopen may be replaced, as Yarn does', () => {
    const dlopen = Reflect.get<NodeJS.Process, 'dlopen'>(process, 'dlopen');
    let asked = 0;
    process.dlopen = (...args) => {
      asked++;
      Reflect.apply(dlopen, process, args);
    };
    assert.throws(() => load('./text.node') as unknown, { code: 'ERR_DLOPEN_FAILED' });
    process.dlopen = dlopen;
    assert.equal(asked, 1);
    assert.deepEqual(rows(), ['native text.node error']);
    assert.deepEqual(collector.of('hook'), []);
  });

  it('the inspector is a row when it is opened and when a session begins, whether loaded before or after', () => {
    const use = `
      inspector.open(0, '127.0.0.1');
      inspector.close();
      const session = new inspector.Session();
      session.connect();
      session.disconnect();`;
    const expected = Array<string>(2).fill('native node:inspector stack ok');
    assert.deepEqual(
      recorded(`const inspector = (await import('node:inspector')).default; ${use}`, ['--inspect-publish-uid=http']),
      expected,
    );
    assert.deepEqual(
      recorded(`import inspector from 'node:inspector'; ${use}`, ['--inspect-publish-uid=http']),
      expected,
    );
  });

  it(
    'foreign functions are a row within a second of their first use, and at each use from then on',
    { skip: hasFfi ? false : 'this Node has no node:ffi' },
    () => {
      assert.deepEqual(
        recorded(`
          const { default: ffi } = await import('node:ffi');
          ffi.dlopen(null, {});
          setTimeout(() => ffi.dlopen(null, {}), 1500);`),
        ['native node:ffi none ok', 'native node:ffi stack ok'],
      );
      assert.deepEqual(recorded(`process.getBuiltinModule('node:ffi').dlopen(null, {});`), ['native node:ffi none ok']);
    },
  );

  it(
    'an extension of SQLite is a row, in a module that requires SQLite from its first on',
    { skip: !isBuiltin('node:sqlite') ? 'this Node has no node:sqlite' : compiler === undefined && 'no C compiler' },
    () => {
      assert.ok(compiler !== undefined);
      const [source, library] = [path.join(folder, 'extension.c'), path.join(folder, 'extension.so')];
      fs.writeFileSync(source, 'int sqlite3_extension_init(void *db, char **error, const void *api) { return 0; }');
      assert.equal(spawnSync(compiler, ['-shared', '-fPIC', '-o', library, source]).status, 0);
      const use = (file: string): string => `
        const database = new DatabaseSync(':memory:', { allowExtension: true });
        try { database.loadExtension(${JSON.stringify(file)}); } catch {}`;
      assert.deepEqual(
        recorded(`import { createRequire } from 'node:module';
          const { DatabaseSync } = createRequire(import.meta.url)('node:sqlite'); ${use(library)}`),
        ['native extension.so stack ok'],
      );
      assert.deepEqual(
        recorded(`import { DatabaseSync } from 'node:sqlite'; setTimeout(() => { ${use('/nowhere/no.so')} }, 1500);`),
        ['native no.so stack error'],
      );
    },
  );

  it('without foreign functions nothing is said of them', () => {
    assert.deepEqual(recorded(''), []);
  });
});
