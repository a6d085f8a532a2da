import { dataDirAt } from '@outwitness/collector';
import { EXIT } from '../exit-codes.ts';
import { type Options, parseOptions } from '../options.ts';
import { printResult } from '../output.ts';
import { usageError } from '../usage-error.ts';
import { TASKS } from '../admin/tasks.ts';

const HELP = `usage: outwitness admin TASK [options]

Who may see the report and change how it is made. Every change is a row.

  people                 users, their roles, open sessions
  role NAME ROLE         give a user a role: viewer, operator, officer or admin; that of
                         an officer takes effect a day later
  remove NAME            take a user away
  token --role ROLE      a one-time sign-in link: --user NAME for one of the users,
                         --minutes N it is good for (default 10)
  revoke [SESSION]       end one session, those of --user NAME, or --all
  settings [NAME=VALUE]  show the settings, or change some
  witness [--off]        a token for witnesses (setting witness.serve); the one before ends
  issuer NAME --role ROLE  a program that signs its own users in, such as odoo: as ROLE or
                         less (officer: only who was appointed as NAME:USER); --settings
                         if it may change some; --off takes it away
  succeed OLD            begin a ledger in the place of the one in the directory OLD,
                         which froze, lost its keys or was put back: --why REASON
  --data DIR             default ./.outwitness`;

/** Beside the common ones. */
export const OPTIONS = {
  role: { type: 'string' },
  user: { type: 'string' },
  minutes: { type: 'string' },
  all: { type: 'boolean' },
  off: { type: 'boolean' },
  settings: { type: 'boolean' },
  why: { type: 'string' },
} as const;

export async function run(args: readonly string[], version: string): Promise<number> {
  const options = parseOptions('admin', args, OPTIONS);
  const [name, ...operands] = options.positionals;
  if (options.help) {
    printResult(HELP);
    return EXIT.ok;
  }
  const task = name !== undefined && Object.hasOwn(TASKS, name) ? TASKS[name] : undefined;
  if (task === undefined)
    throw usageError(
      `admin: expected one of ${Object.keys(TASKS).join(', ')}, got ${name === undefined ? 'nothing' : JSON.stringify(name)}. See: outwitness admin --help`,
    );
  refuseForeign(name ?? '', options, task.options);
  await task.run({ dir: dataDirAt(options.dir), options, operands, version });
  return EXIT.ok;
}

/** An option of another task would be passed over in silence. */
function refuseForeign(name: string, options: Options, own: readonly string[]): void {
  for (const option of Object.keys(OPTIONS)) {
    const given = options.string(option) !== undefined || options.flag(option);
    if (given && !own.includes(option))
      throw usageError(`admin ${name}: takes no --${option}. See: outwitness admin --help`);
  }
}
