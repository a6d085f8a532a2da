/** What stands in for a machine with a service manager: the places of the guide in one folder, and a collector that is started and stopped. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

const CLI = join(import.meta.dirname, '../../packages/cli/bin/outwitness.js');

export interface Machine {
  readonly root: string;
  readonly data: string;
  readonly backup: string;
  readonly env: Record<string, string>;
  /** Runs lines; throws if one fails. */
  shell(lines: string): void;
  /** Runs lines one by one. @returns their exit codes */
  lines(block: string): number[];
  /** Of the ledger there, or in another directory. */
  origin(data?: string): string;
  database<T>(use: (db: DatabaseSync) => T): T;
  /** Ends the collector if it runs. */
  end(): void;
}

/** systemctl and npm are functions: no test may touch those of the machine. */
const PRELUDE = `
  outwitness() { "$NODE" "$CLI" "$@"; }
  npm() { :; }
  systemctl() {
    if [ "$1" = start ]; then
      setsid "$NODE" "$CLI" collect --no-serve --data "$DATA" > "$ROOT/collector.log" 2>&1 < /dev/null &
      echo $! > "$ROOT/pid"
      for i in $(seq 60); do "$NODE" "$CLI" status --json --data "$DATA" 2> /dev/null | grep -Eq '"whole": ?[{]' && return 0; sleep 0.1; done
      cat "$ROOT/collector.log"; return 1
    fi
    kill -TERM "$(cat "$ROOT/pid")" 2> /dev/null
    for i in $(seq 60); do kill -0 "$(cat "$ROOT/pid")" 2> /dev/null || return 0; sleep 0.1; done
    return 1
  }
`;

export function machine(root: string): Machine {
  const data = join(root, 'var/outwitness');
  const backup = join(root, 'backup');
  mkdirSync(join(root, 'srv'), { recursive: true });
  const env: Record<string, string> = {
    PATH: process.env['PATH'] ?? '',
    NODE: process.execPath,
    CLI,
    DATA: data,
    ROOT: root,
    HOME: root,
    XDG_STATE_HOME: join(root, 'state'),
  };
  process.env['XDG_STATE_HOME'] = env['XDG_STATE_HOME'];
  const here = (text: string): string =>
    text
      .replaceAll('/var/lib/outwitness', data)
      .replaceAll('/srv/outwitness', join(root, 'srv/outwitness'))
      .replaceAll('/backup', backup);
  const run = (script: string): { status: number; said: string } => {
    const options = { env, encoding: 'utf8', timeout: 60_000, cwd: root } as const;
    const { status, stdout, stderr } = spawnSync('bash', ['-c', `${PRELUDE}\n${script}`], options);
    return { status: status ?? 255, said: `${stdout}\n${stderr}` };
  };
  return {
    root,
    data,
    backup,
    env,
    shell(lines) {
      const { status, said } = run(lines.includes(root) ? lines : here(lines));
      if (status !== 0) throw new Error(`${lines} ended with ${status}:\n${said}`);
    },
    lines: (block) =>
      here(block)
        .trim()
        .split('\n')
        .map((line) => run(line).status),
    origin: (where = data) => readFileSync(join(where, 'keys/ledger'), 'utf8').trim(),
    database(use) {
      const db = new DatabaseSync(join(data, 'ledger.db'));
      try {
        return use(db);
      } finally {
        db.close();
      }
    },
    end() {
      if (existsSync(join(root, 'pid'))) run('systemctl stop outwitness');
    },
  };
}
