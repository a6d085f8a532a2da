import path from 'node:path';
import type { Children, Program, ThreadStart } from '@outwitness/interceptor';
import type { SpoolWriter } from '@outwitness/spool';
import { REQUIRE_ENTRY, withEntry } from './entry.ts';
import { hasOurEntry } from './node-options.ts';
import type { OwnCalls } from './own-calls.ts';
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

const NODE = /^node(?:js)?(?:\.exe)?$/i;
const SHELL = /^(?:(?:ba|da|z|k|a|fi)?sh|cmd\.exe)$/i;
/** A command line that names Node or a tool that runs on it, as a word or at the end of a path. */
const NAMES_NODE =
  /(?:^|[\s;&|('"/\\])(?:node|nodejs|npm|npx|pnpm|pnpx|yarn|corepack)(?:\.exe|\.cmd)?(?=$|[\s;&|)'"])/i;
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

  /**
   * @param env variables of this process, after the data directory was resolved
   * @param inherited did the agent come by a `--require`, which a thread with plain options takes over?
   */
  constructor(env: NodeJS.ProcessEnv, inherited: boolean, ownCalls: OwnCalls, spool: () => SpoolWriter) {
    this.#inherited = inherited;
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
    const entered = hasOurEntry(options);
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

  replaced(): void {
    this.#spool().end('exit');
  }

  stays(): void {
    this.#spool().resume();
  }
}

function runsNode({ file, args }: Program): boolean {
  const name = path.basename(file);
  if (NODE.test(name) || file === process.execPath) return true;
  return SHELL.test(name) && args.slice(1).some((arg) => NAMES_NODE.test(arg));
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
