import { findCommand } from '@outwitness/collector';
import { OutwitnessError } from '@outwitness/event';
import { COMMANDS, overview } from './command-table.ts';
import { EXIT } from './exit-codes.ts';
import { printResult, say } from './output.ts';

/**
 * Runs one command line.
 *
 * @param args what stands behind `outwitness`
 * @param version of this package
 * @returns the exit code; never throws
 */
export async function main(args: readonly string[], version: string): Promise<number> {
  process.stdout.on('error', ignoreClosedPipe);
  try {
    return await dispatch(args, version);
  } catch (cause) {
    return report(cause);
  }
}

async function dispatch(args: readonly string[], version: string): Promise<number> {
  const [verb, ...rest] = args;
  if (verb === undefined || verb === '--help' || verb === '-h' || verb === 'help') {
    printResult(overview(version));
    return verb === undefined ? EXIT.usage : EXIT.ok;
  }
  if (verb === '--version' || verb === '-v') {
    printResult(version);
    return EXIT.ok;
  }
  const load = COMMANDS[verb];
  if (load !== undefined) return (await load.command()).run(rest, version);
  if (!verb.startsWith('-') && findCommand(verb, process.env, process.cwd()) !== undefined) {
    const run = COMMANDS['run'];
    if (run !== undefined) return (await run.command()).run(['--', ...args], version);
  }
  say(
    `outwitness: unknown command ${JSON.stringify(verb)}: expected one of ${Object.keys(COMMANDS).join(', ')}, or a program on PATH. See: outwitness --help`,
  );
  return EXIT.usage;
}

/** One clear message, no stack trace; a defect of ours shows its trace only with OUTWITNESS_DEBUG=1. */
function report(cause: unknown): number {
  if (cause instanceof OutwitnessError) {
    say(`outwitness: ${cause.message}`);
    return EXIT.usage;
  }
  const error = cause instanceof Error ? cause : new Error(String(cause));
  say(`outwitness: internal error: ${error.message}. Please report it; OUTWITNESS_DEBUG=1 prints where it happened.`);
  if (process.env['OUTWITNESS_DEBUG'] === '1') say(error.stack ?? '');
  return EXIT.internal;
}

/** `outwitness journal | head` closes our stdout: that is no error. */
function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}
