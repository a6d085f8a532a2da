import { constants } from 'node:os';
import { REQUIRE_ENTRY, withEntry } from '@outwitness/agent';
import { Collector, dataDirAt, launch, type Launched, requireCommand, type Settings } from '@outwitness/collector';
import { createServer, type RunningServer } from '@outwitness/server';
import { EXIT } from '../exit-codes.ts';
import { type Options, parseOptions, wholeNumber } from '../options.ts';
import { printResult, say } from '../output.ts';
import { PROGRAM_FILES, requireProgramFile } from '../program-files.ts';
import { watchOurselves } from '../self-watch.ts';
import { usageError } from '../usage-error.ts';

const HELP = `usage: outwitness run [options] -- CMD…

Runs CMD with the watcher in it, records every call and shows the report.
Exits with the code of CMD; 128 + n if signal n ended it.

  --data DIR      where the record is kept (default ./.outwitness)
  --port N        port of the report (default: any free one)
  --no-serve      no report page
  --app NAME      name of the application (default: from its package.json)
  --config FILE   settings (default ./outwitness.config.json)
  --quiet         only the address and problems`;

/** How long the application may take to end after a signal, ms. */
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

  const quiet = options.flag('quiet');
  const dir = dataDirAt(options.dir);
  const collector = await Collector.open({
    dir,
    settings: { flags: flagsOf(options), env: process.env, file: options.config, cwd: process.cwd() },
    software: `outwitness ${version}`,
    verifier: PROGRAM_FILES.verifier,
    notice: (text) => say(`outwitness: ${text}`),
  });
  let server: RunningServer | undefined;
  let endWatch: (() => void) | undefined;
  let code: number;
  try {
    collector.start();
    endWatch = watchOurselves(dir.root);
    if (!options.flag('no-serve')) server = await serve(collector);
    const app = launch({ program, args: rest, cwd: process.cwd(), env: auditedEnv(collector) });
    code = await untilEnded(app);
  } finally {
    await server?.close();
    endWatch?.();
    await collector.stop();
  }
  if (!quiet)
    say(
      `outwitness: ${collector.ledger.size} rows in ${dir.root}; check them with: outwitness verify --data ${dir.root}`,
    );
  return code;
}

function parse(args: readonly string[]): { options: Options; command: readonly string[] } {
  const dashes = args.indexOf('--');
  const own = dashes === -1 ? args : args.slice(0, dashes);
  const options = parseOptions('run', own, {
    port: { type: 'string' },
    'no-serve': { type: 'boolean' },
    app: { type: 'string' },
    quiet: { type: 'boolean' },
  });
  if (options.positionals.length > 0) {
    throw usageError(
      `run: expected the command after --, got ${JSON.stringify(options.positionals[0])} before it. For example: outwitness run -- ${options.positionals.join(' ')}`,
    );
  }
  if (options.flag('no-serve') && options.string('port') !== undefined)
    throw usageError('run: expected --port or --no-serve, got both');
  return { options, command: dashes === -1 ? [] : args.slice(dashes + 1) };
}

function flagsOf(options: Options): Partial<Settings> {
  const port = wholeNumber('port', options.string('port'), 0);
  const app = options.string('app');
  return { ...(port === undefined ? {} : { port }), ...(app === undefined ? {} : { app }) };
}

/** The program finds its watcher through NODE_OPTIONS, and the directory of this collector. */
function auditedEnv(collector: Collector): NodeJS.ProcessEnv {
  const { app } = collector.settings.values;
  return {
    ...process.env,
    NODE_OPTIONS: withEntry(process.env['NODE_OPTIONS']),
    OUTWITNESS_DATA: collector.dir.root,
    OUTWITNESS_COLLECTOR: 'off', // one is here already
    ...(app === '' ? {} : { OUTWITNESS_APP: app }),
  };
}

async function serve(collector: Collector): Promise<RunningServer> {
  const server = await createServer({
    backend: collector.backend(),
    dashboard: PROGRAM_FILES.dashboard,
    port: collector.settings.values.port,
  });
  collector.port = server.port;
  say(`outwitness: the report is at ${server.issueToken('operator').url}`);
  return server;
}

/** Passes signals on to the application and waits for its end. */
async function untilEnded(app: Launched): Promise<number> {
  let killer: NodeJS.Timeout | undefined;
  const stop = (signal: NodeJS.Signals): void => {
    // A terminal has sent SIGINT to the whole process group already.
    if (!(signal === 'SIGINT' && process.stdin.isTTY)) app.kill(signal);
    killer ??= setTimeout(() => app.kill('SIGKILL'), APP_MAY_TAKE_MS);
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, stop);
  try {
    const { code } = await app.ended;
    return code;
  } finally {
    clearTimeout(killer);
    // From here to the end a signal must not cut off the closing seal.
    for (const signal of signals) process.off(signal, stop).on(signal, ignore);
  }
}

function ignore(signal: NodeJS.Signals): void {
  say(`outwitness: ${signal} (${constants.signals[signal]}): writing the closing seal`);
}
