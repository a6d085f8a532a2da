import { resolve } from 'node:path';
import { REQUIRE_ENTRY, withEntry } from '@outwitness/agent';
import {
  type AppUser,
  type Collector,
  dataDirAt,
  findUser,
  launch,
  type Launched,
  requireCommand,
} from '@outwitness/collector';
import { collecting } from '../collecting.ts';
import { EXIT } from '../exit-codes.ts';
import { gate, tellGate } from '../gate.ts';
import { LOCK_FILE, readLock } from '../lock-file.ts';
import { type Options, parseOptions } from '../options.ts';
import { printResult } from '../output.ts';
import { PROGRAM_FILES, requireProgramFile } from '../program-files.ts';
import { LISTEN_HELP, SERVE_OPTIONS, serveFlags } from '../serve-options.ts';
import { takeStopSignals } from '../signals.ts';
import { usageError } from '../usage-error.ts';

const HELP = `usage: outwitness run [options] -- CMD…

Runs CMD with the watcher in it, records every call and shows the report.
Exits with the code of CMD; 128 + n if signal n ended it.

  --data DIR      where the record is kept (default ./.outwitness)
  --port N        port of the report (default: any free one)
  --no-serve      no report page
${LISTEN_HELP}
  --as USER       run CMD as this user, out of reach of the signing key (needs root)
  --app NAME      name of the application (default: from its package.json)
  --config FILE   settings (default ./outwitness.config.json)
  --quiet         only the address and problems
  --gate          for a pipeline: 3 on an alarm or a destination that ./egress.lock does not
                  name, 5 if calls may have gone unseen; a failing CMD's code comes first.
                  With --json the judgement goes to standard output when CMD has ended`;

/** How long the application may take to end after a signal, ms: all of it is to be over within 10 s. */
const APP_MAY_TAKE_MS = 7_000;

export async function run(args: readonly string[], version: string): Promise<number> {
  const { options, command } = parse(args);
  if (options.help) {
    printResult(HELP);
    return EXIT.ok;
  }
  const [name, ...rest] = command;
  if (name === undefined)
    throw usageError('run: expected a command after --, got none. For example: outwitness run -- node server.js');
  const program = requireCommand(name, process.env, process.cwd());
  for (const path of [REQUIRE_ENTRY, PROGRAM_FILES.verifier]) requireProgramFile(path);
  const as = options.string('as');
  const user = as === undefined ? undefined : findUser('--as', as);
  const app = options.string('app');
  const lockPath = resolve(LOCK_FILE);
  // A list that cannot be read is told before anything starts.
  const lock = options.flag('gate') ? readLock(lockPath, false) : undefined;
  const dir = dataDirAt(options.dir);
  const signals = takeStopSignals();
  const what = {
    dir,
    options,
    flags: { ...serveFlags('run', options), ...(app === undefined ? {} : { app }) },
    version,
    serve: !options.flag('no-serve'),
    ...(user === undefined ? {} : { appGroup: user.gid }),
  };
  let from = 0;
  const code = await collecting(what, async (collector) => {
    from = collector.ledger.size;
    const launched = launch({ program, args: rest, cwd: process.cwd(), env: auditedEnv(collector), ...userOf(user) });
    return (await untilEnded(launched, signals)).code;
  });
  if (lock === undefined) return code;
  const judged = await gate(dir, from, lock);
  tellGate(judged, lockPath, options.json);
  return code === EXIT.ok ? judged.exit : code;
}

function userOf(user: AppUser | undefined): { user?: AppUser } {
  return user === undefined ? {} : { user };
}

function parse(args: readonly string[]): { options: Options; command: readonly string[] } {
  const dashes = args.indexOf('--');
  const own = dashes === -1 ? args : args.slice(0, dashes);
  const options = parseOptions('run', own, {
    ...SERVE_OPTIONS,
    app: { type: 'string' },
    as: { type: 'string' },
    gate: { type: 'boolean' },
  });
  const [before] = options.positionals;
  if (before !== undefined) {
    throw usageError(
      `run: expected the command after --, got ${JSON.stringify(before)} before it. For example: outwitness run -- ${options.positionals.join(' ')}`,
    );
  }
  return { options, command: dashes === -1 ? [] : args.slice(dashes + 1) };
}

/** The program finds its watcher through NODE_OPTIONS, and the directory of this collector. */
function auditedEnv({ settings, dir }: Collector): NodeJS.ProcessEnv {
  const { app } = settings.values;
  return {
    ...process.env,
    NODE_OPTIONS: withEntry(process.env['NODE_OPTIONS']),
    OUTWITNESS_DATA: dir.root,
    OUTWITNESS_SPOOL: dir.spool,
    OUTWITNESS_COLLECTOR: 'off', // one is here already
    ...(app === '' ? {} : { OUTWITNESS_APP: app }),
  };
}

/** Passes signals on to the application and waits for its end. */
async function untilEnded(
  app: Launched,
  signals: ReturnType<typeof takeStopSignals>,
): ReturnType<() => Launched['ended']> {
  let killer: NodeJS.Timeout | undefined;
  signals.onStop((signal) => {
    // A terminal has sent SIGINT to the whole process group already.
    if (!(signal === 'SIGINT' && process.stdin.isTTY)) app.kill(signal);
    killer ??= setTimeout(() => app.kill('SIGKILL'), APP_MAY_TAKE_MS);
  });
  try {
    return await app.ended;
  } finally {
    clearTimeout(killer);
    signals.onStop(undefined);
  }
}
