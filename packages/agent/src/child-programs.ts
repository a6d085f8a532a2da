import path from 'node:path';
import { type Children, type Program, systemClock, type ThreadStart } from '@outwitness/interceptor';
import type { SpoolWriter } from '@outwitness/spool';
import { spoolFolderOf } from './data-directory.ts';
import { IMPORT_ENTRY, REQUIRE_ENTRY, withEntry } from './entry.ts';
import { isOurs, optionWords, preloads } from './node-options.ts';
import type { OwnCalls } from './own-calls.ts';
import { runsNode } from './runs-node.ts';
import { tellThread } from './thread-start.ts';

/** What an agent needs to find its data directory, and who it is. */
const CARRIED = [
  'OUTWITNESS_DATA',
  'OUTWITNESS_SPOOL',
  'OUTWITNESS_APP',
  'OUTWITNESS_COLLECTOR',
  'OUTWITNESS_NODE',
  'OUTWITNESS_CONTEXT',
] as const;

/** Places of which each is told once. */
const MOST_ELSEWHERE = 100;
const PERMISSION = /^--(?:experimental-)?permission(?:=|$)/;

/**
 * Node children that were started with variables of their own get our entry and the place of the data directory. Most inherit both and are left alone.
 *
 * Left alone too: other programs; what the agent itself starts; and whatever runs under `--permission`, where the entry may be unreadable and the child would not start.
 */
export class ChildPrograms implements Children {
  readonly #carried: readonly (readonly [name: string, value: string])[];
  readonly #ownCalls: OwnCalls;
  readonly #spool: () => SpoolWriter;
  readonly #inherited: boolean;
  /** Preloads that bring this agent: its own entries, and by which it came itself. A path that only looks like one of ours may be anybody's. */
  readonly #entries: ReadonlySet<string>;
  readonly #spoolFolder: string;
  readonly #elsewhere = new Set<string>();

  /**
   * @param env variables of this process, after the data directory was resolved
   * @param spoolFolder where this process writes its records
   * @param inherited did the agent come by a `--require`, which a thread with plain options takes over?
   */
  constructor(
    env: NodeJS.ProcessEnv,
    spoolFolder: string,
    inherited: boolean,
    ownCalls: OwnCalls,
    spool: () => SpoolWriter,
  ) {
    this.#spoolFolder = spoolFolder;
    this.#inherited = inherited;
    const came = [...process.execArgv, ...optionWords(env['NODE_OPTIONS'] ?? '')];
    const own = preloads(came).filter((entry) => path.isAbsolute(entry) && isOurs(entry));
    this.#entries = new Set([REQUIRE_ENTRY, IMPORT_ENTRY, ...own]);
    this.#carried = CARRIED.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]] as const]));
    this.#ownCalls = ownCalls;
    this.#spool = spool;
  }

  environment(program: Program): string[] | undefined {
    if (this.#ownCalls.underWay || !runsNode(program) || underPermission(program)) return undefined;
    const names = new Map(program.environment.map((pair, index) => [nameOf(pair), index]));
    const at = names.get('NODE_OPTIONS');
    const options = at === undefined ? '' : valueOf(program.environment[at]);
    const missing = this.#carried.filter(([name]) => !names.has(name));
    this.#noteElsewhere(program, names);
    const entered = preloads(optionWords(options)).some((entry) => this.#entries.has(entry));
    if (entered && missing.length === 0) return undefined;
    const environment = [...program.environment];
    if (!entered) environment[at ?? environment.length] = `NODE_OPTIONS=${withEntry(options)}`;
    for (const [name, value] of missing) environment.push(`${name}=${value}`);
    return environment;
  }

  /**
   * Options that make Node read flags and NODE_OPTIONS anew (`execArgv`, `env`) take the preload away: it is put in front, and the thread's agent takes it out of what the thread sees.
   */
  thread(options: unknown): ThreadStart | undefined {
    if (Reflect.get(process, 'permission') !== undefined) return undefined;
    const given = (typeof options === 'object' && options !== null ? options : {}) as Record<string, unknown>;
    const flags = Array.isArray(given['execArgv']) ? (given['execArgv'] as string[]) : undefined;
    const anew = flags !== undefined || (typeof given['env'] === 'object' && given['env'] !== null);
    const env = Object.fromEntries(this.#carried);
    if (this.#inherited && !anew) return { options: undefined, done: tellThread({ env }) };
    // With an environment of its own and no flags Node reads none at all, but shows those of the parent.
    const read = flags ?? (anew ? [] : process.execArgv);
    const execArgv = { value: ['--require', REQUIRE_ENTRY, ...read], enumerable: true };
    return {
      options: Object.create(given, { execArgv }) as object,
      done: tellThread({ env, execArgv: [...(flags ?? process.execArgv)] }),
    };
  }

  /** A child that was given another place for its records, as another `outwitness run` gives it, is watched for that one: this record must say that it does not hold them. */
  #noteElsewhere({ environment, cwd }: Program, names: ReadonlyMap<string, number>): void {
    const given = (name: string): string | undefined => {
      const at = names.get(name);
      return at === undefined ? undefined : valueOf(environment[at]);
    };
    const [data, spool] = [given('OUTWITNESS_DATA'), given('OUTWITNESS_SPOOL')];
    if (data === undefined && spool === undefined) return;
    const own = new Map(this.#carried);
    const env = {
      OUTWITNESS_DATA: data === undefined ? own.get('OUTWITNESS_DATA') : path.resolve(cwd ?? '', data),
      OUTWITNESS_SPOOL: spool ?? own.get('OUTWITNESS_SPOOL'),
    };
    const folder = spoolFolderOf(env);
    if (folder === this.#spoolFolder || this.#elsewhere.has(folder) || this.#elsewhere.size >= MOST_ELSEWHERE) return;
    this.#elsewhere.add(folder);
    this.#spool().writeNow({
      kind: 'gap',
      time: systemClock.wall(),
      event: 'not-loaded',
      text: 'a Node child was given another data directory: its records are not here',
      missing: 0,
      count: 1,
    });
  }

  replaced(): void {
    this.#spool().end('exit');
  }

  stays(): void {
    this.#spool().resume();
  }
}

function underPermission({ args, environment }: Program): boolean {
  if (Reflect.get(process, 'permission') !== undefined) return true;
  const options = environment.find((pair) => nameOf(pair) === 'NODE_OPTIONS') ?? '';
  return [...args.slice(1), ...valueOf(options).split(/\s+/)].some((arg) => PERMISSION.test(arg));
}

/** Windows has one variable of a name, however it is written. */
function nameOf(pair: string): string {
  const name = pair.slice(0, Math.max(0, pair.indexOf('=')));
  return process.platform === 'win32' ? name.toUpperCase() : name;
}

function valueOf(pair: string | undefined): string {
  return pair === undefined ? '' : pair.slice(pair.indexOf('=') + 1);
}
