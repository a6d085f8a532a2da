import { install } from '@outwitness/agent';

/** Name of our own processes in the record. */
const OWN_APP = 'outwitness';

/**
 * Watches this very process, as it watches others: its rows count in no total, and any call that is not declared is an alarm.
 *
 * @param data absolute path of the data directory
 * @returns ends the watching, so that the collector can drain its own file to the end
 */
export function watchOurselves(data: string): () => void {
  const before = { data: process.env['OUTWITNESS_DATA'], app: process.env['OUTWITNESS_APP'] };
  process.env['OUTWITNESS_DATA'] = data;
  process.env['OUTWITNESS_APP'] = OWN_APP;
  try {
    const agent = install({ loaded: 'register' });
    return () => agent.end();
  } finally {
    restore('OUTWITNESS_DATA', before.data);
    restore('OUTWITNESS_APP', before.app);
  }
}

/** Children are told their own directory and name when they are started. */
function restore(name: string, value: string | undefined): void {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
}
