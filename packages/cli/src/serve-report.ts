import { type Backend, createServer, type Role, type RunningServer } from '@outwitness/server';
import { say } from './output.ts';
import { PROGRAM_FILES, requireProgramFile } from './program-files.ts';
import type { ListenOptions } from './serve-options.ts';

/**
 * Serves the report and prints the one line with its address.
 *
 * @param role of whoever opens it
 * @throws OutwitnessError `port-in-use`, `listen-failed`, `listen-insecure`, `dashboard-missing`, `installation-damaged`
 */
export async function serveReport(
  backend: Backend,
  port: number,
  listen: ListenOptions,
  role: Role = 'operator',
): Promise<RunningServer> {
  const verifierPage = requireProgramFile(PROGRAM_FILES.verifierPage);
  const server = await createServer({ backend, dashboard: PROGRAM_FILES.dashboard, verifierPage, port, ...listen });
  try {
    say(`outwitness: the report is at ${(await server.issueToken(role)).url}`);
  } catch (error) {
    await server.close();
    throw error;
  }
  return server;
}
