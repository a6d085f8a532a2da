/** The rules of the house: which package may import what, and which names say nothing. */
import { builtinModules } from 'node:module';
import { posix } from 'node:path';

import { importsOf, type Import } from './imports.ts';
import type { Tree } from './tree.ts';

export type Rule =
  | 'known-package'
  | 'arrows-point-left'
  | 'stay-in-your-package'
  | 'declare-what-you-import'
  | 'event-imports-nothing'
  | 'interceptor-imports-node-and-event'
  | 'audited-process-has-no-third-party'
  | 'verifier-stands-alone'
  | 'ledger-does-not-judge'
  | 'ledger-opens-no-socket'
  | 'report-does-no-io'
  | 'server-does-not-write'
  | 'dashboard-talks-http'
  | 'no-computed-import'
  | 'no-drawers'
  | 'no-file-beside-its-folder';

export interface Violation {
  readonly file: string;
  readonly rule: Rule;
  readonly text: string;
}

/** What the check saw; a check that saw nothing proves nothing. */
export interface Inspection {
  readonly violations: readonly Violation[];
  /** Package folder to number of modules read. */
  readonly modules: ReadonlyMap<string, number>;
  /** `importer → imported` between packages of ours. */
  readonly edges: ReadonlySet<string>;
}

interface Room {
  /** Packages directly to its left. Whatever lies left of those may be imported too. */
  readonly imports: readonly string[];
  /** Programs that it starts or serves and whose place it may therefore ask for, without loading them. */
  readonly resolves?: readonly string[];
  /** Programs outside its arrows that it loads into its own process. */
  readonly runs?: readonly string[];
}

const ROOMS: Readonly<Record<string, Room>> = {
  event: { imports: [] },
  interceptor: { imports: ['event'] },
  spool: { imports: ['event'] },
  agent: { imports: ['interceptor', 'spool'], resolves: ['cli'] },
  ledger: { imports: ['event'] },
  'store-sqlite': { imports: ['ledger'] },
  report: { imports: ['event'] },
  server: { imports: ['ledger', 'report'] },
  collector: { imports: ['spool', 'ledger', 'store-sqlite', 'report', 'server'], resolves: ['agent', 'verifier'] },
  // The agent runs in our own process, so that what Outwitness itself sends is on record too.
  cli: { imports: ['collector'], runs: ['agent'], resolves: ['agent', 'verifier', 'dashboard'] },
  dashboard: { imports: [] },
  verifier: { imports: [] },
};

const SOCKETS = new Set([
  'child_process',
  'cluster',
  'dgram',
  'dns',
  'http',
  'http2',
  'https',
  'inspector',
  'net',
  'tls',
]);
const IN_AUDITED_PROCESS = new Set(['event', 'interceptor', 'spool', 'agent']);
const PURE = new Set(['event', 'ledger', 'report', 'verifier']);
const DRAWERS = new Set(['common', 'helper', 'helpers', 'util', 'utils']);
const MODULE = /^[^/]+\/(?:(?:src|bin)\/.+|[^/]+)\.(?:[cm]?[jt]s|[jt]sx)$/;
const BUILTINS = new Set(builtinModules);

interface Named {
  readonly kind: 'ours' | 'third-party' | 'builtin';
  readonly name: string;
}

interface Nameless {
  readonly kind: 'inside' | 'outside' | 'computed';
}

/** Judges a tree of packages. */
export function inspect(tree: Tree): Inspection {
  const violations: Violation[] = [];
  const modules = new Map<string, number>();
  const edges = new Set<string>();
  const folders = new Set([...tree.keys()].map((file) => packageOf(file)));

  for (const [file, content] of tree) {
    const from = packageOf(file);
    const report = (rule: Rule, text: string): void => void violations.push({ file, rule, text });
    checkName(file, tree, report);
    if (!Object.hasOwn(ROOMS, from)) {
      report('known-package', `${from} is no package of the design: give it its room in test/architecture/rules.ts`);
    } else if (file === `${from}/package.json`) {
      checkManifest(from, content, report);
    } else if (MODULE.test(file)) {
      modules.set(from, (modules.get(from) ?? 0) + 1);
      const manifest = tree.get(`${from}/package.json`) ?? '{}';
      for (const found of importsOf(content)) {
        const target = targetOf(found, file, folders);
        if (target.kind === 'ours' && target.name !== from) edges.add(`${from} → ${target.name}`);
        checkImport(from, found, target, manifest, report);
      }
    }
  }
  return { violations, modules, edges };
}

type Report = (rule: Rule, text: string) => void;

function checkImport(from: string, found: Import, target: Named | Nameless, manifest: string, report: Report): void {
  const shown = found.specifier ?? 'a computed specifier';
  if (target.kind === 'outside') report('stay-in-your-package', `imports ${shown} by a path that leaves the package`);
  if (target.kind === 'computed' && PURE.has(from)) report('no-computed-import', 'imports what nobody can read here');
  if (!('name' in target)) return;
  checkOwn(from, found, target, report);
  if (target.kind === 'ours') checkArrow(from, found, target.name, manifest, report);
}

/** The rules that one package has for itself. */
function checkOwn(from: string, found: Import, target: Named, report: Report): void {
  const shown = `imports ${found.specifier ?? ''}`;
  const { kind, name } = target;
  if (from === 'event') report('event-imports-nothing', shown);
  if (from === 'interceptor' && kind !== 'builtin' && !(kind === 'ours' && name === 'event')) {
    report('interceptor-imports-node-and-event', shown);
  }
  if (IN_AUDITED_PROCESS.has(from) && kind === 'third-party') report('audited-process-has-no-third-party', shown);
  if (from === 'verifier' && kind !== 'builtin') report('verifier-stands-alone', shown);
  if (from === 'ledger' && kind === 'ours' && name === 'report') report('ledger-does-not-judge', shown);
  if (from === 'ledger' && kind === 'builtin' && SOCKETS.has(name)) report('ledger-opens-no-socket', shown);
  if (from === 'report' && kind !== 'ours') report('report-does-no-io', shown);
  if (from === 'server' && kind === 'ours' && name === 'collector') report('server-does-not-write', shown);
  if (from === 'dashboard' && kind === 'ours' && !(name === 'server' && found.typeOnly)) {
    report('dashboard-talks-http', shown);
  }
}

function checkArrow(from: string, found: Import, to: string, manifest: string, report: Report): void {
  if (to === from) return;
  const room = ROOMS[from];
  const resolves = found.how === 'resolve' && room?.resolves?.includes(to) === true;
  const allowed = resolves || leftOf(from).has(to) || (from === 'dashboard' && to === 'server' && found.typeOnly);
  if (!allowed) report('arrows-point-left', `imports ${found.specifier ?? ''}, but ${to} does not lie left of ${from}`);
  // An agent looks for the programs beside it and works without them.
  const optional = from === 'agent' && resolves;
  if (allowed && !optional && !Object.hasOwn(dependenciesOf(manifest, found.typeOnly), nameOf(to))) {
    report('declare-what-you-import', `imports ${found.specifier ?? ''} without "${nameOf(to)}" in package.json`);
  }
}

function checkManifest(from: string, manifest: string, report: Report): void {
  for (const name of Object.keys(dependenciesOf(manifest, false))) {
    const to = folderOf(name);
    if (to === undefined) {
      if (IN_AUDITED_PROCESS.has(from)) report('audited-process-has-no-third-party', `depends on ${name}`);
      if (from === 'verifier') report('verifier-stands-alone', `depends on ${name}`);
    } else if (!leftOf(from).has(to) && ROOMS[from]?.resolves?.includes(to) !== true) {
      report('arrows-point-left', `depends on ${name}, but ${to} does not lie left of ${from}`);
    }
  }
}

function checkName(file: string, tree: Tree, report: Report): void {
  const parts = file.split('/').slice(1);
  const drawer = parts.map((part) => part.replace(/\..*$/, '')).find((part) => DRAWERS.has(part));
  if (drawer !== undefined) report('no-drawers', `"${drawer}" does not say what is inside`);
  const folder = /^(.+)\.(?:[cm]?[jt]s|[jt]sx)$/.exec(file)?.[1];
  if (folder !== undefined && [...tree.keys()].some((other) => other.startsWith(`${folder}/`))) {
    report('no-file-beside-its-folder', `stands beside the folder ${folder}/`);
  }
}

function targetOf(found: Import, file: string, folders: ReadonlySet<string>): Named | Nameless {
  const { specifier } = found;
  if (specifier === undefined) return { kind: 'computed' };
  if (specifier.startsWith('#')) return { kind: 'inside' };
  if (specifier.startsWith('.')) {
    const path = posix.join(posix.dirname(file), specifier);
    const to = packageOf(path);
    if (to === packageOf(file)) return { kind: 'inside' };
    return folders.has(to) ? { kind: 'ours', name: to } : { kind: 'outside' };
  }
  if (specifier.startsWith('/') || specifier.startsWith('file:')) return { kind: 'outside' };
  const plain = specifier.replace(/^node:/, '');
  const root = plain.split('/')[0] ?? plain;
  if (specifier.startsWith('node:') || BUILTINS.has(plain)) return { kind: 'builtin', name: root };
  const name = plain.startsWith('@') ? plain.split('/').slice(0, 2).join('/') : root;
  const ours = folderOf(name);
  return ours === undefined ? { kind: 'third-party', name } : { kind: 'ours', name: ours };
}

/** Everything that an arrow of the design, or several in a row, leads to. */
function leftOf(from: string): ReadonlySet<string> {
  const reached = new Set<string>();
  const visit = (name: string): void => {
    for (const to of [...(ROOMS[name]?.imports ?? []), ...(ROOMS[name]?.runs ?? [])]) {
      if (reached.has(to)) continue;
      reached.add(to);
      visit(to);
    }
  };
  visit(from);
  return reached;
}

function dependenciesOf(manifest: string, forTypes: boolean): Record<string, string> {
  const { dependencies, optionalDependencies, peerDependencies, devDependencies } = JSON.parse(manifest) as Record<
    string,
    Record<string, string> | undefined
  >;
  return { ...dependencies, ...optionalDependencies, ...peerDependencies, ...(forTypes ? devDependencies : {}) };
}

function packageOf(file: string): string {
  return file.split('/')[0] ?? file;
}

function nameOf(folder: string): string {
  return folder === 'cli' ? 'outwitness' : `@outwitness/${folder}`;
}

function folderOf(name: string): string | undefined {
  if (name === 'outwitness') return 'cli';
  return name.startsWith('@outwitness/') ? name.slice('@outwitness/'.length) : undefined;
}
