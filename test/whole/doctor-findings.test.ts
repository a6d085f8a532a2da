/** Every finding of `outwitness doctor`: its situation is made, demanded, and undone as far as it can be. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { segmentName, writerName } from '@outwitness/spool';

import { auditedNodes, nodeOf } from '../../claims/system/node-binaries.ts';
import { outwitness, type StartOptions } from '../../claims/system/outwitness.ts';
import { copyInstallation } from '../../claims/system/patched-installation.ts';
import { PYTHON_AGENT, pythonHere } from '../../claims/system/python.ts';
import { smallDisk } from '../../claims/system/small-disk.ts';
import { type App, type Examination, kill, Place } from './examined.ts';

const ROOT = join(import.meta.dirname, '../..');
const CLOCK = join(ROOT, 'claims/fixtures/clock/shift.cjs');
const ASIDE = { uid: 65_534, gid: 65_534 };
/** Only young programs get this option without its long name. */
const PERMISSION =
  Number.parseInt(auditedNodes()[0]?.version ?? '', 10) < 22 ? '--experimental-permission' : '--permission';

const onlyRoot = process.getuid?.() === 0 ? undefined : 'only root may run doctor as somebody else or mount a disk';
const onlyLinux = process.platform === 'linux' ? undefined : 'only Linux shows the environment of a process';

/** What is made of a healthy place. */
interface Made {
  /** How doctor is asked. */
  readonly asked?: StartOptions & { readonly data?: string };
  /** The process that the finding names; default none. */
  readonly about?: App;
  /** Puts it right; without it the healthy place before is the counterpart. */
  readonly undo?: () => unknown;
  /** Comes after the last look. */
  readonly leave?: () => void;
}

interface Situation {
  readonly told: string;
  readonly make: (place: Place) => Promise<Made>;
  /** Told of it, beside the finding itself. */
  readonly also?: readonly string[];
  readonly severity: 'problem' | 'coverage';
  readonly text: RegExp;
  readonly expected: RegExp;
  readonly got: RegExp;
  readonly action: RegExp;
  readonly exit: 3 | 5;
  /** Without a collector, which is then a finding before and after. */
  readonly alone?: boolean;
  readonly unless?: string | undefined;
}

/** In front of a program that loads the entry itself. */
const managed = (code: string): { env: NodeJS.ProcessEnv; code: string } => ({
  env: { NODE_OPTIONS: '' },
  code: `${code}; require(process.env.ENTRY);`,
});

/** An application on an agent of another installation. */
async function onCopy(place: Place, name: string, change: (agent: string) => void): Promise<Made> {
  const folder = join(place.folder, name);
  copyInstallation(folder);
  change(join(folder, 'packages/agent'));
  const about = await place.startApp({
    env: { NODE_OPTIONS: `--require ${join(folder, 'packages/cli/register.cjs')}` },
  });
  return { about, undo: () => kill(about) };
}

const SITUATIONS: Record<string, Situation> = {
  'no-process': {
    told: 'nobody is watched',
    make: async (place) => {
      await kill(place.app);
      return { undo: () => place.startApp() };
    },
    severity: 'coverage',
    text: /^No audited process runs\.$/,
    expected: /^at least one process that writes into this spool$/,
    got: /^none; \d+ that ended$/,
    action: /outwitness run -- CMD/,
    exit: 5,
  },
  'agent-silent': {
    told: 'a process is stopped',
    make: async (place) => {
      const { app } = place;
      app.kill('SIGSTOP');
      const past = new Date(Date.now() - 60_000);
      for (const name of readdirSync(place.spool))
        if (name.startsWith(`${app.pid}-`)) utimesSync(join(place.spool, name), past, past);
      return { about: app, undo: () => app.kill('SIGCONT') };
    },
    severity: 'coverage',
    text: /^The watcher in patient, process \d+ is silent although the process exists\.$/,
    expected: /^a record every 5 s$/,
    got: /^the last at \d{4}-\d\d-\d\dT/,
    action: /may be stopped or busy/,
    exit: 5,
  },
  'capture-off': {
    told: 'a setting has switched everything off',
    make: async (place) => {
      const { app: about } = place;
      place.configure({ enabled: false });
      return { about, undo: () => place.configure({}) };
    },
    severity: 'coverage',
    text: /^Capture is switched off in patient, process \d+\.$/,
    expected: /^enabled: true$/,
    got: /^enabled: false$/,
    action: /"enabled": true in outwitness\.config\.json/,
    exit: 5,
  },
  'channel-disabled': {
    told: 'a setting has switched channels off',
    make: async (place) => {
      const { app: about } = place;
      place.configure({ disabledChannels: ['dns', 'udp'] });
      return { about, undo: () => place.configure({}) };
    },
    severity: 'coverage',
    text: /^Channels are switched off in patient, process \d+\.$/,
    expected: /^all on$/,
    got: /^off: dns, udp$/,
    action: /"disabledChannels" in outwitness\.config\.json and OUTWITNESS_DISABLED_CHANNELS/,
    exit: 5,
  },
  'hook-changed': {
    told: 'code reaches for what is locked',
    make: async (place) => {
      const { app: about } = place;
      about.stdin?.write(`try { process.binding('tcp_wrap').TCP.prototype.connect = () => 0; } catch {}`);
      await once(about.stdout ?? about, 'data');
      return { about, undo: () => Promise.all([kill(about), place.startApp()]) };
    },
    severity: 'coverage',
    text: /^Something changed what the watcher stands on in patient, process \d+\.$/,
    expected: /^no change$/,
    got: /^1 changes$/,
    action: /outwitness journal --where kind=hook/,
    exit: 5,
  },
  'late-load': {
    told: 'a server listens before the agent is there',
    make: async (place) => {
      const about = await place.startApp(managed(`require('node:net').createServer().listen(0)`));
      return { about, undo: () => kill(about) };
    },
    severity: 'coverage',
    text: /^The watcher came after other modules or sockets into patient, process \d+\.$/,
    expected: /^loaded before everything else$/,
    got: /^socket TCPServerWrap 1$/,
    action: /Put the entry first in NODE_OPTIONS/,
    exit: 5,
  },
  'channel-absent': {
    told: 'code has locked an internal before the agent could',
    make: async (place) => {
      const about = await place.startApp(managed(`Object.freeze(process.binding('udp_wrap').UDP.prototype)`));
      return { about, undo: () => kill(about) };
    },
    severity: 'coverage',
    text: /^patient, process \d+ lacks channels of its agent: they could not be put in place\.$/,
    expected: /^dns, http, http2, imap, .*udp/,
    got: /^without udp on node\/\d+/,
    action: /Start it again with the agent in front/,
    exit: 5,
  },
  'not-watched': {
    told: 'the entry that a process was started with does nothing',
    make: async (place) => {
      const entry = join(place.folder, 'outwitness/register.cjs');
      mkdirSync(join(place.folder, 'outwitness'), { recursive: true });
      writeFileSync(entry, '');
      const about = await place.startApp({ env: { NODE_OPTIONS: `--require ${entry}` } });
      await sleep(5_500); // younger ones may be about to say hello
      return { about, undo: () => kill(about) };
    },
    severity: 'coverage',
    text: /^Process \d+ has the entry in its NODE_OPTIONS and is not watched\.$/,
    expected: /^a spool file of this process$/,
    got: /^none$/,
    action: /--where event=not-loaded/,
    exit: 5,
    unless: onlyLinux,
  },
  'not-loaded': {
    told: 'an application ran on a Node.js that cannot load the agent',
    make: async (place) => {
      const app = await place.startApp({ flags: ['--no-experimental-require-module'] });
      await kill(app);
      return {};
    },
    severity: 'coverage',
    text: /^In 1 process of the last day the agent could not be loaded\.$/,
    expected: /^none$/,
    got: /no-require-module require\(\) of ES modules is switched off/,
    action: /a Node\.js older than 20\.19 or 22\.12/,
    exit: 5,
  },
  'spool-unreadable': {
    told: 'doctor is asked by somebody of the group that may append',
    make: async () => ({ asked: { cwd: '/', ...ASIDE, gid: 0 } }),
    also: ['ledger-unreadable'],
    severity: 'coverage',
    text: /^This user may not read the spool: nothing can be said of the audited processes\.$/,
    expected: /^read rights on \/.*\/spool$/,
    got: /EACCES/,
    action: /^Run doctor as the user of the collector\.$/,
    exit: 5,
    unless: onlyRoot,
  },
  'ledger-unreadable': {
    told: 'doctor is asked by somebody who may not read the record',
    make: async () => ({ asked: { cwd: '/', ...ASIDE, gid: 0 } }),
    also: ['spool-unreadable'],
    severity: 'coverage',
    text: /^This user may not read the ledger: whether agents could not be loaded is not known\.$/,
    expected: /^read rights on \/.*\/data and \/.*\/ledger\.db$/,
    got: /^EACCES$/,
    action: /^Run doctor as the user of the collector\.$/,
    exit: 5,
    unless: onlyRoot,
  },
  'spool-unwritable': {
    told: 'doctor is asked by a user who may not append',
    make: async () => ({ asked: { cwd: '/', ...ASIDE } }),
    also: ['ledger-unreadable', 'spool-unreadable'],
    severity: 'problem',
    text: /^This user may not append to the spool\.$/,
    expected: /^write and search rights for uid 65534 or its groups$/,
    got: /^mode 3730, uid 0, gid 0$/,
    action: /outwitness collect --for USER/,
    exit: 3,
    unless: onlyRoot,
  },
  'spool-missing': {
    told: 'another folder is named',
    make: async (place) => ({ asked: { data: join(place.folder, 'none') } }),
    also: ['no-process'],
    severity: 'problem',
    text: /^There is no spool at \/.*\/none\/spool\.$/,
    expected: /^a directory$/,
    got: /^nothing, or nothing that this user may see$/,
    action: /--data/,
    exit: 3,
  },
  'spool-mode': {
    told: 'everybody may write the spool',
    make: async ({ spool }) => {
      chmodSync(spool, 0o777);
      return { undo: () => chmodSync(spool, 0o3730) };
    },
    severity: 'problem',
    text: /^The rights of the spool are not what keeps processes from each other’s files\.$/,
    expected: /^3730$/,
    got: /^0777$/,
    action: /^Run: chmod 3730 \/.*\/spool$/,
    exit: 3,
  },
  'spool-full': {
    told: 'nothing has been drained for long',
    make: async ({ spool }) => {
      const writer = writerName(1, 0, 0, '0000000a');
      const files = Array.from({ length: 61 }, (_, segment) => join(spool, segmentName(writer, segment)));
      for (const file of files) {
        writeFileSync(file, '');
        truncateSync(file, 16 * 1024 * 1024);
      }
      return { undo: () => files.forEach((file) => rmSync(file)) };
    },
    severity: 'problem',
    text: /^The spool has used up its share of the disk: agents stop writing there\.$/,
    expected: /^less than 1073741824 bytes$/,
    got: /^10234\d{5} bytes$/,
    action: /Start a collector/,
    exit: 3,
    alone: true,
  },
  'disk-full': {
    told: 'the spool lies on a disk with 8 MiB',
    make: async (place) => {
      await kill(place.app);
      const disk = smallDisk(place.data);
      rmSync(place.spool, { recursive: true });
      await place.startApp();
      return { undo: () => disk.remount('size=256m'), leave: () => disk[Symbol.dispose]() };
    },
    severity: 'problem',
    text: /^The disk of the spool is nearly full\.$/,
    expected: /^67108864 bytes free$/,
    got: /^\d{7} bytes free$/,
    action: /^Make room/,
    exit: 3,
    alone: true,
    unless: onlyRoot,
  },
  'entry-not-first': {
    told: 'something is loaded before the entry',
    make: async (place) => {
      const first = join(place.folder, 'first.cjs');
      writeFileSync(first, '');
      const about = await place.startApp({ env: { NODE_OPTIONS: `--require ${first} --require ${place.entry}` } });
      return { about, undo: () => kill(about) };
    },
    severity: 'coverage',
    text: /^Something is loaded before the watcher in NODE_OPTIONS of patient, process \d+\.$/,
    expected: /^first: \/.*register\.cjs$/,
    got: /^first: \/.*first\.cjs$/,
    action: /^Put the entry in front/,
    exit: 5,
    unless: onlyLinux,
  },
  'entry-gone': {
    told: 'the entry was taken away under a running application',
    make: async (place) => {
      const entry = join(place.folder, 'outwitness/register.cjs');
      mkdirSync(join(place.folder, 'outwitness'), { recursive: true });
      writeFileSync(entry, `require(${JSON.stringify(place.entry)});`);
      const about = await place.startApp({ env: { NODE_OPTIONS: `--require ${entry}` } });
      renameSync(entry, `${entry}.gone`);
      return { about, undo: () => renameSync(`${entry}.gone`, entry) };
    },
    severity: 'problem',
    text: /^NODE_OPTIONS of patient, process \d+ names an entry that is gone: Node programs started from there do not start\.$/,
    expected: /^an existing file$/,
    got: /^\/.*\/outwitness\/register\.cjs$/,
    action: /^Take it out of NODE_OPTIONS, or install Outwitness there again\.$/,
    exit: 3,
    unless: onlyLinux,
  },
  permission: {
    told: 'the permission model keeps the agent from its spool',
    make: async (place) => {
      const about = await place.startApp({ flags: [PERMISSION, '--allow-fs-read=*'] });
      await sleep(5_500);
      return { about, undo: () => kill(about) };
    },
    also: ['not-watched'],
    severity: 'coverage',
    text: /^The permission model keeps the watcher out of programs started by process \d+/,
    expected: /^--allow-fs-write=\/.*\/spool$/,
    got: /^--allow-fs-read=\*$/,
    action: /^Add what is expected to the options of the program\.$/,
    exit: 5,
    unless: onlyLinux,
  },
  'entry-unreadable': {
    told: 'an installation is closed to other users',
    make: async (place) => {
      const folder = join(place.folder, 'closed');
      const program = copyInstallation(folder);
      const entry = join(folder, 'packages/agent/register.cjs');
      assert.deepEqual((await place.doctor({ program })).ids, [], 'before it is closed');
      chmodSync(entry, 0o640);
      return { asked: { program }, undo: () => chmodSync(entry, 0o644) };
    },
    severity: 'problem',
    text: /^Not everybody may read the entry \/.*register\.cjs: a program that names it in NODE_OPTIONS does not start\.$/,
    expected: /^a file that all users may read, in folders that all users may search$/,
    got: /register\.cjs is not readable by others$/,
    action: /^Install Outwitness where the application’s user may read it, or correct the rights\.$/,
    exit: 3,
  },
  'agent-version': {
    told: 'a process runs on an agent of another version',
    make: (place) =>
      onCopy(place, 'older', (agent) => {
        const path = join(agent, 'package.json');
        writeFileSync(path, readFileSync(path, 'utf8').replace(/"version": "[^"]+"/, '"version": "0.0.1"'));
      }),
    severity: 'problem',
    text: /^The agent in patient, process \d+ is not the one of this installation\.$/,
    expected: /^\d+\.\d+\.\d+/,
    got: /^0\.0\.1$/,
    action: /Start the application again if Outwitness was updated/,
    exit: 3,
  },
  'second-copy': {
    told: 'the application loads the agent of another installation too',
    make: async (place) => {
      const folder = join(place.folder, 'second');
      copyInstallation(folder);
      const code = 'process.emitWarning = () => {}; require(process.env.SECOND);';
      const about = await place.startApp({ env: { SECOND: join(folder, 'packages/cli/register.cjs') }, code });
      return { about, undo: () => kill(about) };
    },
    severity: 'problem',
    text: /^More than one copy of the agent was loaded into patient, process \d+\.$/,
    expected: /^the agent \d+\.\d+\.\d+ alone$/,
    got: /^agent \d+\.\d+\.\d+ was loaded too and does nothing: \d+\.\d+\.\d+ watches this process$/,
    action: /OUTWITNESS_SECOND_COPY/,
    exit: 3,
  },
  'agent-digest': {
    told: 'a process runs on an agent whose file somebody changed',
    make: (place) =>
      onCopy(place, 'changed', (agent) => appendFileSync(join(agent, 'bundle/agent.cjs'), '\n// changed\n')),
    severity: 'problem',
    text: /^The agent in patient, process \d+ is not the one of this installation\.$/,
    expected: /^[0-9a-f]{64}$/,
    got: /^[0-9a-f]{64}$/,
    action: /outwitness doctor --build/,
    exit: 3,
  },
  'clock-differs': {
    told: 'the clock of a process is an hour behind',
    make: async (place) => {
      const { env, code } = managed(`require(process.env.CLOCK)`);
      const about = await place.startApp({ env: { ...env, CLOCK, CLOCK_SHIFT_S: '-3600' }, code });
      return { about, undo: () => kill(about) };
    },
    severity: 'problem',
    text: /^patient, process \d+ has another idea of the time than the system that holds its spool\.$/,
    expected: /^at most 60 s apart$/,
    got: /^3(?:599|60\d) s apart$/,
    action: /^Set the clock \(NTP\)/,
    exit: 3,
  },
  'collector-not-running': {
    told: 'the collector has ended',
    make: async (place) => {
      await place.endCollector();
      return { undo: () => place.startCollector() };
    },
    severity: 'problem',
    text: /^No collector runs for \/.*\/data: records stay in the spool, unsigned\.$/,
    expected: /^\/.*\/alive younger than 5 s$/,
    got: /^older$/,
    action: /^Start one: outwitness collect --data \/.*\/data$/,
    exit: 3,
  },
  'ledger-frozen': {
    told: 'a row is read back otherwise than it was written',
    make: async ({ data }) => {
      const db = new DatabaseSync(join(data, 'ledger.db'));
      db.exec(`DROP TRIGGER rows_no_update; CREATE TRIGGER changed AFTER INSERT ON rows WHEN NEW.kind = 'control'
        BEGIN UPDATE rows SET leaf = replace(leaf, 'agreed', 'denied') WHERE seq = NEW.seq; END`);
      db.close();
      const refused = await outwitness(['ack', 'stripe -> api.stripe.com:443', '--why', 'agreed', '--data', data]);
      assert.equal(refused.code, 2, refused.stderr);
      return {};
    },
    severity: 'problem',
    text: /^The ledger takes no more rows\.$/,
    expected: /^a ledger that grows$/,
    got: /was read back otherwise than it was written.*successor ledger/,
    action: /^Run: outwitness verify --data \/.*\/data$/,
    exit: 3,
  },
  'collector-node': {
    told: 'the Node.js for collectors that start by themselves is none, or too old',
    make: async (place) => {
      const { code, ids } = await place.doctor({ env: { OUTWITNESS_NODE: process.execPath } });
      assert.deepEqual([code, ids], [0, []], 'a new one');
      const wrong: [string, RegExp][] = [
        ['/none/node', /^\/none\/node: .*ENOENT/],
        ['/bin/true', /^\/bin\/true: no version, exit 0$/],
      ];
      const old = nodeOf('20');
      if (typeof old !== 'string') wrong.push([old.path, /: 20\.\d+\.\d+$/]);
      for (const [path, got] of wrong) {
        const { seen } = await place.doctor({ env: { OUTWITNESS_NODE: path } });
        assert.match(seen.findings[0]?.got ?? '', got);
      }
      return { asked: { env: { OUTWITNESS_NODE: wrong.at(-1)?.[0] } } };
    },
    severity: 'problem',
    text: /^OUTWITNESS_NODE names no Node\.js that can run a collector\.$/,
    expected: /^a node >= 22\.13$/,
    got: /: (20\.|no version)/,
    action: /^Name a newer one, or start the collector as a service: outwitness collect$/,
    exit: 3,
  },
};

/** What all that can be undone is made in, one after the other; made anew after one that could not. */
let shared: Place | undefined;
after(async () => shared?.[Symbol.asyncDispose]());

async function healthyPlace(alone: boolean): Promise<Place> {
  const place = await Place.make();
  if (!alone) await place.startCollector();
  await place.startApp();
  const { code, ids } = await place.doctor();
  assert.deepEqual([code, ids], alone ? [3, ['collector-not-running']] : [0, []], 'before');
  return place;
}

for (const [id, one] of Object.entries(SITUATIONS)) {
  test(`${id}: ${one.told}`, { skip: one.unless ?? false, timeout: 120_000 }, async () => {
    const alone = one.alone === true;
    const place = alone ? await healthyPlace(true) : (shared ??= await healthyPlace(false));
    let healthyAgain = false;
    let made: Made = {};
    try {
      made = await one.make(place);
      await assertTold(place, id, one, made);
      if (made.undo === undefined) return;
      await made.undo();
      const always = alone ? ['collector-not-running'] : [];
      const { code, ids } = await place.until((now) => now.ids.length === always.length);
      assert.deepEqual([code, ids], [alone ? 3 : 0, always], 'afterwards');
      healthyAgain = !alone;
    } finally {
      if (!healthyAgain) {
        if (!alone) shared = undefined;
        made.leave?.();
        await place[Symbol.asyncDispose]();
      }
    }
  });
}

async function assertTold(place: Place, id: string, one: Situation, { asked, about }: Made): Promise<void> {
  const expected = [id, ...(one.also ?? []), ...(one.alone === true ? ['collector-not-running'] : [])].toSorted();
  // Settings, rows and beats are there after a moment.
  const isTold = ({ ids }: Examination): boolean => ids.includes(id);
  const { code, seen, ids } = asked === undefined ? await place.until(isTold) : await place.doctor(asked);
  assert.deepEqual([code, ids], [one.exit, expected], JSON.stringify(seen.findings, undefined, 2));
  const found = seen.findings.find((finding) => finding.id === id);
  assert.ok(found !== undefined);
  assert.deepEqual([found.severity, found.pid], [one.severity, about?.pid ?? null]);
  for (const part of ['text', 'expected', 'got', 'action'] as const) assert.match(found[part], one[part], part);
}

test(
  'the agent for Python beside one for Node.js is no finding',
  { skip: pythonHere() === undefined && 'no Python 3.8 here' },
  async () => {
    const place = (shared ??= await healthyPlace(false));
    const python = spawn(
      pythonHere() ?? '',
      [
        '-c',
        `import outwitness_agent, sys; outwitness_agent.install(app='snake'); print('ready', flush=True); sys.stdin.read()`,
      ],
      {
        cwd: PYTHON_AGENT,
        stdio: ['pipe', 'pipe', 'inherit'],
        env: { PATH: process.env['PATH'], OUTWITNESS_DATA: place.data, OUTWITNESS_COLLECTOR: 'off' },
      },
    );
    try {
      await once(python.stdout, 'data');
      // Its records are there after a moment.
      const isSeen = ({ seen }: Examination): boolean =>
        seen.threads.some(({ app, runtime }) => app === 'snake' && runtime.startsWith('python/'));
      const examination = await place.until(isSeen);
      assert.ok(isSeen(examination));
      const { code, ids } = examination;
      assert.deepEqual([code, ids], [0, []]);
    } finally {
      python.kill('SIGKILL');
    }
  },
);

test('the findings of docs/reference/json.md are those that were made here', () => {
  const [, table = ''] = readFileSync(join(ROOT, 'docs/reference/json.md'), 'utf8').split('| finding | told when |');
  const documented = [...table.matchAll(/^\| ((?:`[a-z-]+` ?)+)\|/gm)].flatMap(([, ids = '']) =>
    [...ids.matchAll(/`([a-z-]+)`/g)].map(([, id]) => id),
  );
  assert.equal(documented.length, new Set(documented).size);
  assert.ok(documented.length > 20);
  assert.deepEqual(new Set(documented), new Set(Object.keys(SITUATIONS)));
});
