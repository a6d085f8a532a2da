import { install } from '@outwitness/agent';
import type { DataDir } from '@outwitness/collector';

/**
 * Watches this very process, as it watches others: its rows count in no total, and any call that is not declared is an alarm.
 *
 * @returns ends the watching, so that the collector can drain its own file to the end
 */
export function watchOurselves(dir: DataDir): () => void {
  const own = {
    OUTWITNESS_DATA: dir.root,
    OUTWITNESS_SPOOL: dir.spool,
    OUTWITNESS_APP: 'outwitness',
    OUTWITNESS_COLLECTOR: 'off', // this is one
  };
  const before = new Map(Object.keys(own).map((name) => [name, process.env[name]]));
  Object.assign(process.env, own);
  try {
    const agent = install({ loaded: 'register', children: false });
    return () => agent.end();
  } finally {
    // Children are told their own directory and name when they are started.
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}
