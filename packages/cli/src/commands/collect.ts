import { dataDirAt, findUser, idleAfter } from '@outwitness/collector';
import { OutwitnessError } from '@outwitness/event';
import { type Collecting, collecting } from '../collecting.ts';
import { EXIT } from '../exit-codes.ts';
import { parseOptions } from '../options.ts';
import { printResult } from '../output.ts';
import { PROGRAM_FILES, requireProgramFile } from '../program-files.ts';
import { LISTEN_HELP, SERVE_OPTIONS, serveFlags } from '../serve-options.ts';
import { takeStopSignals } from '../signals.ts';
import { usageError } from '../usage-error.ts';

const HELP = `usage: outwitness collect [options]

Records what audited programs put into the spool, until SIGINT or SIGTERM: a service, or
a sidecar, under a user of its own. The programs are started with
NODE_OPTIONS=--require …/register.cjs, OUTWITNESS_DATA=DIR and OUTWITNESS_COLLECTOR=off.

  --data DIR      where the record is kept (default ./.outwitness)
  --for USER      give the spool to the primary group of this user, as whom the programs run
                  (needs root, or a user who is in that group)
  --port N        port of the report (default: any free one)
  --no-serve      no report page
${LISTEN_HELP}
  --config FILE   settings (default ./outwitness.config.json)
  --quiet         only the address and problems
  --until-idle    end 60 s after the last audited process, or at once if another collector
                  runs: how an agent starts one by itself`;

/** Beside the common ones. */
export const OPTIONS: typeof SERVE_OPTIONS & {
  readonly for: { readonly type: 'string' };
  readonly 'until-idle': { readonly type: 'boolean' };
} = { ...SERVE_OPTIONS, for: { type: 'string' }, 'until-idle': { type: 'boolean' } };

export async function run(args: readonly string[], version: string): Promise<number> {
  const options = parseOptions('collect', args, OPTIONS);
  if (options.help) {
    printResult(HELP);
    return EXIT.ok;
  }
  if (options.positionals.length > 0)
    throw usageError(
      `collect: expected no argument, got ${JSON.stringify(options.positionals[0])}. To start a program use: outwitness run -- CMD`,
    );
  requireProgramFile(PROGRAM_FILES.verifier);
  const appUser = options.string('for');
  const signals = takeStopSignals();
  const what = {
    dir: dataDirAt(options.dir),
    options,
    flags: serveFlags('collect', options),
    version,
    serve: !options.flag('no-serve'),
    ...(appUser === undefined ? {} : { appGroup: findUser('--for', appUser).gid }),
  };
  const stopped = new Promise<void>((resolve) => signals.onStop(() => resolve()));
  if (!options.flag('until-idle')) await collecting(what, () => stopped);
  else await untilIdle(what, stopped);
  return EXIT.ok;
}

async function untilIdle(what: Collecting, stopped: Promise<void>): Promise<void> {
  try {
    await collecting(what, async (collector) => {
      const { idle, end } = idleAfter(() => collector.living());
      await Promise.race([stopped, idle]);
      end();
    });
  } catch (error) {
    // Another process was quicker: it collects for all.
    if (!(error instanceof OutwitnessError && error.code === 'store-locked')) throw error;
  }
}
