/** A command: `run` returns the exit code. */
export interface Command {
  run(args: readonly string[], version: string): Promise<number>;
}

interface Entry {
  summary: string;
  command(): Promise<Command>;
}

/** One file in `commands/` each; loaded only when asked for. */
export const COMMANDS: { readonly [verb: string]: Entry } = {
  run: { summary: 'audit a program: outwitness run -- CMD…', command: () => import('./commands/run.ts') },
  collect: {
    summary: 'record what audited programs report, as a service',
    command: () => import('./commands/collect.ts'),
  },
  serve: { summary: 'show the report, with or without a collector', command: () => import('./commands/serve.ts') },
  status: { summary: 'what the collector, ledger and agents are doing', command: () => import('./commands/status.ts') },
  report: {
    summary: 'the Trust Report: verdict, reasons, destinations',
    command: () => import('./commands/report.ts'),
  },
  journal: {
    summary: 'the rows, one JSON object a line, oldest first',
    command: () => import('./commands/journal.ts'),
  },
  tail: { summary: 'the newest rows, and each that follows', command: () => import('./commands/tail.ts') },
  explain: {
    summary: 'who contacted a destination, since when, and why it is of its class',
    command: () => import('./commands/explain.ts'),
  },
  diff: { summary: 'destinations before and after a moment', command: () => import('./commands/diff.ts') },
  verify: { summary: 'check a data directory or an exported file', command: () => import('./commands/verify.ts') },
  ack: { summary: 'accept a new destination of a package', command: () => import('./commands/ack.ts') },
  lock: {
    summary: 'compare destinations with a list under version control',
    command: () => import('./commands/lock.ts'),
  },
  vacuum: {
    summary: 'drop texts of rows past the policy, or erase one',
    command: () => import('./commands/vacuum.ts'),
  },
  doctor: {
    summary: 'check how programs are watched, and what stands in the way',
    command: () => import('./commands/doctor.ts'),
  },
  admin: {
    summary: 'who may see the report, sign-in links, settings',
    command: () => import('./commands/admin.ts'),
  },
  export: { summary: 'write evidence that anyone can check offline', command: () => import('./commands/export.ts') },
};

export function overview(version: string): string {
  const width = Math.max(...Object.keys(COMMANDS).map((verb) => verb.length));
  const lines = Object.entries(COMMANDS).map(([verb, { summary }]) => `  ${verb.padEnd(width)}  ${summary}`);
  return `outwitness ${version}: where a Node.js server's data goes, which package sent it, and a record that proves it

usage: outwitness COMMAND [options]
       outwitness CMD…            the same as: outwitness run -- CMD…

${lines.join('\n')}

Every command takes --data DIR (default ./.outwitness) and --json. See: outwitness COMMAND --help`;
}
