/** Ends `admin succeed` by SIGKILL at each point at which it writes, and asks again. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { audit, outwitness, verify } from '../system/outwitness.ts';
import { temporaryFolder } from '../system/temporary-folder.ts';

/** What one kill showed. */
export interface SuccessionKill {
  readonly point: string;
  readonly killed: boolean;
  /** `nothing`, `begun` (a ledger without rows), or the verdict on the successor as it was left. */
  readonly left: string;
  /** What asking again did: `succeeded`, or `there already`. */
  readonly again: string;
  readonly after: string;
  /** Genesis rows in the end. */
  readonly begun: number;
}

const PRELOAD = join(import.meta.dirname, '../fixtures/killed/at-write-point.cjs');
const ENGINE = join(import.meta.dirname, '../../packages/store-sqlite/package.json');

/** @param most how many points, evenly chosen of all; default: all */
export async function killSuccessions(
  most: number = Infinity,
  progress: (done: number, all: number) => void = () => {},
): Promise<SuccessionKill[]> {
  using folder = temporaryFolder('succession');
  const old = join(folder.path, 'old');
  await audit(old, [process.execPath, '-e', '1']);
  const points = await passedPoints(old, folder.path);
  const step = Math.max(1, points.length / most);
  const chosen = points.filter((_, i) => Math.floor(i / step) !== Math.floor((i - 1) / step));
  const kills: SuccessionKill[] = [];
  for (const [at, point] of chosen.entries()) {
    kills.push(await killAt(point, old, join(folder.path, `${at}`)));
    progress(kills.length, chosen.length);
  }
  return kills;
}

/** Nothing, or a whole ledger; and in the end exactly one. */
export function isWhole({ killed, left, again, after, begun }: SuccessionKill): boolean {
  const isNew = left === 'VERIFIED' && again === 'there already';
  const isOld = (left === 'nothing' || left === 'begun') && again === 'succeeded';
  return killed && (isNew || isOld) && after === 'VERIFIED' && begun === 1;
}

async function succeed(old: string, data: string, env: NodeJS.ProcessEnv = {}): ReturnType<typeof outwitness> {
  return outwitness(['admin', 'succeed', old, '--why', 'a claim', '--data', data], { env });
}

function preloaded(data: string, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { NODE_OPTIONS: `--require ${PRELOAD}`, WRITE_ROOM: data, WRITE_ENGINE: ENGINE, ...env };
}

async function passedPoints(old: string, folder: string): Promise<string[]> {
  const [data, list] = [join(folder, 'list'), join(folder, 'points')];
  mkdirSync(data);
  const { code, stderr } = await succeed(old, data, preloaded(data, { WRITE_POINTS: list }));
  if (code !== 0) throw new Error(`admin succeed ended with ${code}, expected 0:\n${stderr}`);
  const passed = new Map<string, number>();
  return readFileSync(list, 'utf8')
    .trimEnd()
    .split('\n')
    .map((name) => {
      const count = (passed.get(name) ?? 0) + 1;
      passed.set(name, count);
      return `${name}#${count}`;
    });
}

async function killAt(point: string, old: string, data: string): Promise<SuccessionKill> {
  mkdirSync(data);
  const { code } = await succeed(old, data, preloaded(data, { WRITE_POINT: point }));
  const left = await leftIn(data);
  const again = await succeed(old, data);
  const said = again.code === 0 ? 'succeeded' : / is there already/.test(again.stderr) ? 'there already' : again.stderr;
  const { verdict, predecessor } = await verified(data, '--predecessor', old);
  const after = predecessor?.evidence?.verdict === 'VERIFIED' ? verdict : `${verdict} without its predecessor`;
  const { stdout } = await outwitness(['journal', '--data', data, '--where', 'kind=genesis']);
  return { point, killed: code === 128 + 9, left, again: said, after, begun: stdout.trim().split('\n').length };
}

async function leftIn(data: string): Promise<string> {
  if (!existsSync(join(data, 'ledger.db'))) return 'nothing';
  const { verdict, findings } = await verify(data, join(data, 'keys/log.vkey')).catch(async () => verify(data));
  return findings.some(({ code }) => code === 'empty') ? 'begun' : verdict;
}

interface Linked {
  readonly verdict: string;
  readonly predecessor?: { readonly evidence: { readonly verdict: string } | null };
}

async function verified(data: string, ...args: string[]): Promise<Linked> {
  const pin = ['--pin', join(data, 'keys/log.vkey')];
  return JSON.parse((await outwitness(['verify', '--json', '--data', data, ...pin, ...args])).stdout) as Linked;
}
