import type { Leaf } from './canonical.ts';
import type { Report } from './findings.ts';

const STALE_AFTER_US = 2 * 3600 * 1_000_000;

/** What the newest seal says about its age, and about who could have reached the key. */
export function judgeNewestSeal(report: Report, seal: Leaf, now: number): void {
  const wall = Number(seal.get('wall'));
  if (seal.get('closing') !== true && now - wall > STALE_AFTER_US) {
    const [expected, got] = [now - STALE_AFTER_US, wall].map((µs) => isoTime(µs));
    report.add(
      'stale',
      Number(seal.get('seq')),
      'the newest seal is older than 2 h and closes nothing',
      `>= ${expected}`,
      got,
    );
  }
  const uids = seal.get('uids');
  if (!Array.isArray(uids)) return;
  const collector = uids.find((uid) => uid.startsWith('collector='))?.slice('collector='.length);
  if (collector !== undefined && uids.includes(`app=${collector}`)) {
    report.notChecked('that the app could not reach the key: it ran under the uid of the collector');
  }
}

function isoTime(µs: number): string {
  const date = new Date(µs / 1000);
  return Number.isNaN(date.getTime()) ? `${µs}` : date.toISOString();
}
