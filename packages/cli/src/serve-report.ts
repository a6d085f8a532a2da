import type { Collector } from '@outwitness/collector';
import { createServer, type RunningServer } from '@outwitness/server';
import { say } from './output.ts';
import { PROGRAM_FILES } from './program-files.ts';

/**
 * Serves the report and prints the one line with its address.
 *
 * @throws OutwitnessError `port-in-use`, `listen-failed`, `dashboard-missing`
 */
export async function serveReport(collector: Collector): Promise<RunningServer> {
  const server = await createServer({
    backend: collector.backend(),
    dashboard: PROGRAM_FILES.dashboard,
    port: collector.settings.values.port,
  });
  collector.port = server.port;
  say(`outwitness: the report is at ${server.issueToken('operator').url}`);
  return server;
}
