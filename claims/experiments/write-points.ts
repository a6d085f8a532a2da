/** Ends a collector by SIGKILL at each point at which it writes, starts another one, and holds rows and verdict against it. */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { type StubServer, startStubServer } from '../servers/stub-server.ts';
import { AuditedFolder } from '../system/audited-folder.ts';
import { temporaryFolder } from '../system/temporary-folder.ts';

/** What one kill showed. */
export interface PointKill {
  /** `first start` or `next start`. */
  readonly life: string;
  readonly point: string;
  /** False where the collector ended before it came there. */
  readonly killed: boolean;
  /** Verdict on what the dead collector left, then after the next one has ended. */
  readonly left: string;
  readonly after: string;
  readonly served: number;
  readonly missing: number;
  readonly twice: number;
}

const PRELOAD = join(import.meta.dirname, '../fixtures/killed/at-write-point.cjs');
const ENGINE = join(import.meta.dirname, '../../packages/store-sqlite/package.json');
/** Of a point that is passed often, the first ones and the last are tried. */
const OFTEN = 2;
const LANES = 2;
const CALLS = 30;
const CLOCK = join(import.meta.dirname, '../fixtures/clock/shift.cjs');
/** The next start is so much later that the epoch closes with the first rows. */
const EPOCH_S = 25 * 3_600;

type Life = 'first start' | 'next start';
interface Target {
  readonly life: Life;
  readonly point: string;
}

/** @param most how many points, evenly chosen of all; default: all */
export async function killAtWritePoints(
  most: number = Infinity,
  progress: (done: number, all: number) => void = () => {},
): Promise<PointKill[]> {
  using folder = temporaryFolder('write-points');
  await using server = await startStubServer();
  const template = await prepare(join(folder.path, 'template'), server);
  const targets: Target[] = [];
  for (const life of ['first start', 'next start'] as const) {
    const points = await passedPoints(room(folder.path, `list ${life}`), life, server, template);
    targets.push(...points.map((point) => ({ life, point })));
  }
  const step = Math.max(1, targets.length / most);
  const chosen = targets.filter((_, i) => Math.floor(i / step) !== Math.floor((i - 1) / step));
  const kills: PointKill[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let target = chosen[next++]; target !== undefined; target = chosen[next++]) {
      using place = temporaryFolder('write-point');
      kills.push(await killAt(target, place.path, server, template));
      progress(kills.length, chosen.length);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return kills;
}

/** No false alarm, no row lost or doubled. A collector that dies in its first start may leave no ledger yet. */
export function isHarmless({ life, killed, left, after, served, missing, twice }: PointKill): boolean {
  const whole = left === 'UNANCHORED' || (life === 'first start' && left.startsWith('UNVERIFIABLE'));
  return killed && whole && after === 'VERIFIED' && served > 0 && missing === 0 && twice === 0;
}

/** A ledger with some rows, and calls in the spool that no collector has seen. */
async function prepare(folder: string, server: StubServer): Promise<AuditedFolder> {
  mkdirSync(folder);
  const place = new AuditedFolder(folder, server);
  const collector = await place.collector();
  await place.calls('before', CALLS);
  await place.stop(collector);
  await place.calls('waiting', CALLS);
  return place;
}

/** The points of an undisturbed life, each with its number. */
async function passedPoints(
  folder: string,
  life: Life,
  server: StubServer,
  template: AuditedFolder,
): Promise<string[]> {
  const list = join(folder, 'points');
  const place = placeFor(life, folder, server, template);
  await place.drain(preloaded(life, place, { WRITE_POINTS: list }));
  const counts = new Map<string, number>();
  for (const name of readFileSync(list, 'utf8').trimEnd().split('\n')) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].flatMap(([name, count]) => {
    const numbers = new Set([...Array.from({ length: Math.min(OFTEN, count) }, (_, i) => i + 1), count]);
    const whole = [...numbers].map((n) => `${name}#${n}`);
    return /^write(?:File)?Sync /.test(name) ? [...whole, ...whole.map((point) => `half:${point}`)] : whole;
  });
}

async function killAt(
  { life, point }: Target,
  folder: string,
  server: StubServer,
  template: AuditedFolder,
): Promise<PointKill> {
  const place = placeFor(life, folder, server, template);
  const dying = place.startCollector(preloaded(life, place, { WRITE_POINT: point }));
  if (await place.writes(dying)) dying.child.kill('SIGTERM');
  const killed = (await dying.ended).code === 128 + 9;
  const { verdict, findings } = await place.verify([]);
  const left = verdict === 'UNVERIFIABLE' ? `${verdict} ${findings[0]?.code}` : verdict;
  const collector = await place.collector();
  if (life === 'first start') await place.calls(`after-${folder.slice(-6)}`, 5);
  await place.stop(collector);
  const balance =
    life === 'first start' ? place.balance(`after-${folder.slice(-6)}`) : place.balance('before', 'waiting');
  const after = await place.verify();
  return {
    life,
    point,
    killed,
    left,
    after: after.verdict,
    served: balance.served,
    missing: balance.missing.length,
    twice: balance.twice.length,
  };
}

function placeFor(life: Life, folder: string, server: StubServer, template: AuditedFolder): AuditedFolder {
  return life === 'first start' ? new AuditedFolder(folder, server) : template.copyTo(folder);
}

function preloaded(life: Life, { data }: AuditedFolder, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const shift = life === 'first start' ? '0' : `${EPOCH_S}`;
  const preloads = { NODE_OPTIONS: `--require ${CLOCK} --require ${PRELOAD}`, CLOCK_SHIFT_S: shift };
  return { ...preloads, WRITE_ROOM: data, WRITE_ENGINE: ENGINE, ...env };
}

function room(folder: string, name: string): string {
  const path = join(folder, name);
  mkdirSync(path);
  return path;
}
