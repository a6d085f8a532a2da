/** What an auditor reads in `src` is what runs: the agent that is loaded is built from it, and `hello` says which build it was. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, cpSync, globSync, mkdirSync, readFileSync, symlinkSync, utimesSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { before, test } from 'node:test';

import { pinnedNode } from '../../claims/system/node-binaries.ts';
import { audit, journal, outwitness } from '../../claims/system/outwitness.ts';
import { temporaryFolder } from '../../claims/system/temporary-folder.ts';

const ROOT = join(import.meta.dirname, '../..');
/** The packages that the agent loads, as `doctor --build` names them. */
const PACKAGES = ['event', 'interceptor', 'spool', 'agent'];

interface Build {
  readonly agent: { readonly digest: string };
  readonly files: readonly { readonly package: string; readonly file: string; readonly sha256: string }[];
}

async function built(): Promise<Build> {
  const { code, stdout } = await outwitness(['doctor', '--build', '--json']);
  assert.equal(code, 0);
  return JSON.parse(stdout) as Build;
}

const digestsOf = ({ files }: Build): Map<string, string> =>
  new Map(files.map((one) => [`${one.package}/${one.file}`, one.sha256]));

/** Builds the sources of the agent in a folder of their own. */
function rebuild(folder: string, change: (packages: string) => void = () => undefined): Map<string, string> {
  const packages = join(folder, 'packages');
  cpSync(join(ROOT, 'tsconfig.base.json'), join(folder, 'tsconfig.base.json'));
  mkdirSync(join(folder, 'node_modules/@outwitness'), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules/@types'), join(folder, 'node_modules/@types'));
  symlinkSync(join(ROOT, 'node_modules/undici-types'), join(folder, 'node_modules/undici-types'));
  for (const name of PACKAGES) {
    for (const part of ['src', 'package.json', 'tsconfig.json']) {
      cpSync(join(ROOT, 'packages', name, part), join(packages, name, part), { recursive: true });
    }
    symlinkSync(join(packages, name), join(folder, 'node_modules/@outwitness', name));
  }
  change(packages);
  const tsc = spawnSync(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-b', 'packages/agent'], {
    cwd: folder,
    encoding: 'utf8',
  });
  assert.equal(tsc.status, 0, tsc.stdout + tsc.stderr);
  makeOneFile(folder);
  const files = globSync(['*/dist/**/*.js', 'agent/bundle/*.cjs'], { cwd: packages });
  return new Map(files.map((file) => [file.replaceAll('\\', '/'), sha256(readFileSync(join(packages, file)))]));
}

/** As the build does after the compiler. */
function makeOneFile(folder: string): void {
  const made = spawnSync(process.execPath, [join(ROOT, 'scripts/agent-bundle.mjs'), folder], { encoding: 'utf8' });
  assert.equal(made.status, 0, made.stderr);
}

before(() => makeOneFile(ROOT));

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

const sorted = (digests: Map<string, string>): [string, string][] =>
  [...digests].toSorted(([a], [b]) => (a < b ? -1 : 1));

test('every file of the agent that is loaded is what its source builds to', async () => {
  using folder = temporaryFolder('rebuild');
  const loaded = digestsOf(await built());
  assert.ok(loaded.size > 60, `${loaded.size} files`);
  assert.deepEqual(sorted(rebuild(folder.path)), sorted(loaded));
});

test('a process loads the one file that was made of them, and says so', async () => {
  const { agent, files } = await built();
  const one = files.find(({ file }) => file === 'bundle/agent.cjs');
  const content = readFileSync(join(ROOT, 'packages/agent/bundle/agent.cjs'));
  assert.equal(one?.sha256, sha256(content));
  const said = createHash('sha256').update(`agent.cjs ${content.length}\n`).update(content).digest('hex');
  assert.equal(agent.digest, said);
});

test('whoever imports the agent gets all that its modules export, by either way', async () => {
  const require = createRequire(import.meta.url);
  const names = Object.keys(require('../../packages/agent/load.cjs') as object).toSorted();
  assert.deepEqual(names, Object.keys((await import('../../packages/agent/dist/index.js')) as object).toSorted());
  assert.deepEqual(Object.keys((await import('@outwitness/agent')) as object).toSorted(), names);
});

test('modules that were built later than the one file are loaded instead of it', () => {
  using folder = temporaryFolder('rebuild');
  rebuild(folder.path);
  const agent = join(folder.path, 'packages/agent');
  for (const name of ['load.cjs', 'index.js', 'register.cjs'])
    cpSync(join(ROOT, 'packages/agent', name), join(agent, name));
  const loaded = (): string =>
    spawnSync(
      process.execPath,
      ['-p', `require(${JSON.stringify(join(agent, 'load.cjs'))}).ownBuild().files[0].name`],
      {
        encoding: 'utf8',
      },
    ).stdout.trim();
  assert.equal(loaded(), 'agent.cjs');
  const later = new Date(Date.now() + 60_000);
  utimesSync(join(folder.path, 'packages/spool/dist/.tsbuildinfo'), later, later);
  assert.equal(loaded(), 'active.js');
});

test('a changed source shows in its file', async () => {
  using folder = temporaryFolder('rebuild');
  const loaded = digestsOf(await built());
  const other = rebuild(folder.path, (packages) =>
    appendFileSync(join(packages, 'agent/src/late.ts'), "process.title = 'changed';\n"),
  );
  const changed = [...other].filter(([file, digest]) => loaded.get(file) !== digest);
  assert.deepEqual(changed.map(([file]) => file).toSorted(), ['agent/bundle/agent.cjs', 'agent/dist/late.js']);
});

test('the digest that doctor prints is the one in the hello of a process', async () => {
  using folder = temporaryFolder('rebuild');
  await audit(folder.path, [pinnedNode().path, '-e', '0']);
  const hellos = (await journal(folder.path, { kind: 'control', event: 'hello' })) as { digest?: string }[];
  assert.ok(hellos.length > 0);
  const { agent } = await built();
  for (const { digest } of hellos) assert.equal(digest, agent.digest);
});
