import { spawnSync } from 'node:child_process';
import type { Finding } from './finding.ts';

/** better-sqlite3 ends a process of an older one. */
const LEAST = [22, 13] as const;

/** The Node.js on which a self-starting agent would run its collector, if one is named. */
export function checkCollectorNode(path: string | undefined): Finding[] {
  if (path === undefined || path === '') return [];
  const asked = spawnSync(path, ['-p', 'process.versions.node'], {
    encoding: 'utf8',
    timeout: 10_000,
    env: { PATH: process.env['PATH'] },
  });
  const version = /^\d+\.\d+\.\d+\S*$/.exec((asked.stdout ?? '').trim())?.[0];
  const [major = 0, minor = 0] = (version ?? '').split('.').map(Number);
  if (version !== undefined && (major > LEAST[0] || (major === LEAST[0] && minor >= LEAST[1]))) return [];
  return [
    {
      id: 'collector-node',
      severity: 'problem',
      text: 'OUTWITNESS_NODE names no Node.js that can run a collector.',
      expected: `a node >= ${LEAST.join('.')}`,
      got: `${path}: ${version ?? asked.error?.message ?? `no version, exit ${asked.status}`}`,
      action: 'Name a newer one, or start the collector as a service: outwitness collect',
      pid: null,
    },
  ];
}
