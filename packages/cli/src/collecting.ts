import { Collector, type DataDir, type Settings } from '@outwitness/collector';
import type { RunningServer } from '@outwitness/server';
import type { Options } from './options.ts';
import { say } from './output.ts';
import { PROGRAM_FILES } from './program-files.ts';
import { listenOptions } from './serve-options.ts';
import { watchOurselves } from './self-watch.ts';
import { serveReport } from './serve-report.ts';

export interface Collecting {
  dir: DataDir;
  options: Options;
  flags: Partial<Settings>;
  version: string;
  serve: boolean;
  /** Primary group of the audited processes if it is not ours. */
  appGroup?: number;
}

/**
 * Runs a collector, and the report if wanted, around some work; ends them in order whatever the work does: page, own watching, closing seal.
 *
 * @param work given the running collector; its result is passed on
 * @throws OutwitnessError as {@link Collector.open} and {@link serveReport}
 */
export async function collecting<T>(what: Collecting, work: (collector: Collector) => Promise<T>): Promise<T> {
  const { dir, options, flags, version, serve, appGroup } = what;
  const listen = listenOptions(options);
  const collector = await Collector.open({
    dir,
    settings: { flags, env: process.env, file: options.config, cwd: process.cwd() },
    software: `outwitness ${version}`,
    verifier: PROGRAM_FILES.verifier,
    notice: (text) => say(`outwitness: ${text}`),
    patienceMs: 5_000,
    ...(appGroup === undefined ? {} : { appGroup }),
  });
  let server: RunningServer | undefined;
  let endWatch: (() => void) | undefined;
  let result: T;
  try {
    collector.start();
    endWatch = watchOurselves(dir);
    if (serve) {
      server = await serveReport(collector.backend(), collector.settings.values.port, listen);
      collector.shownAt(server);
    }
    result = await work(collector);
  } finally {
    await server?.close();
    endWatch?.();
    await collector.stop();
  }
  if (!options.flag('quiet')) {
    say(
      `outwitness: ${collector.ledger.size} rows in ${dir.root}; check them with: outwitness verify --data ${dir.root}`,
    );
  }
  return result;
}
