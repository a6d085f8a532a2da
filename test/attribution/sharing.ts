/** Two packages make calls of one shape, many a second: how many calls of the second pass before it is named? */
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import { temporaryFolder } from '../../claims/system/temporary-folder.ts';
import { AdaptiveWalks } from '../../packages/agent/src/attribution/adaptive-walks.ts';
import { StackAttributor } from '../../packages/agent/src/attribution/attributor.ts';

export interface Sharing {
  readonly perSecond: number;
  /** Of all calls since it began, the share that the second package makes: 1 in so many. */
  readonly oneIn: number;
  readonly runs: number;
}

export interface Seen {
  /** Calls of the second package up to and with the first that names it, one number per run, ascending. */
  readonly calls: readonly number[];
  readonly median: number;
  readonly most: number;
  /** Calls of the first package that were put down to anybody else, over all runs. */
  readonly wrong: number;
}

const KEY = { method: 'GET', scheme: 'https', host: 'shared.test', port: 443, path: '/v1/{n}', agent: undefined };
/** How long the first package has had the destination for itself. */
const ALONE_US = 3_000_000;

type Send = (api: () => string | undefined) => string | undefined;

/** Real modules, real walks of the stack; the clock is simulated, and chance has a seed per run. */
export function runSharing({ perSecond, oneIn, runs }: Sharing): Seen {
  using folder = temporaryFolder('sharing');
  const [first, second] = ['first-package', 'second-package'].map((name) => layPackage(folder.path, name)) as [
    Send,
    Send,
  ];
  const exact = new StackAttributor({ hookFolders: [], blinded: (text) => void process.stderr.write(`${text}\n`) });
  const calls: number[] = [];
  let wrong = 0;
  for (let seed = 1; seed <= runs; seed++) {
    const chance = generator(seed);
    let clock = 0;
    const walks = new AdaptiveWalks({ exact, now: () => clock, randomByte: () => Math.floor(chance() * 256) });
    const api = (): string | undefined => walks.capture(api, KEY).package;
    const step = 1_000_000 / perSecond;
    // It begins anywhere within a window.
    const begins = ALONE_US + chance() * 1_000_000;
    for (; clock < begins; clock += step) if (first(api) !== 'first-package') wrong++;
    let made = 0;
    for (let named = false; !named; clock += step) {
      if (chance() * oneIn >= 1) {
        if (first(api) !== 'first-package') wrong++;
        continue;
      }
      made++;
      named = second(api) === 'second-package';
    }
    calls.push(made);
  }
  calls.sort((a, b) => a - b);
  return { calls, median: calls[calls.length >> 1] ?? Number.NaN, most: calls.at(-1) ?? Number.NaN, wrong };
}

function layPackage(folder: string, name: string): Send {
  const root = join(folder, 'node_modules', name);
  mkdirSync(root, { recursive: true });
  writeFileSync(join(root, 'package.json'), JSON.stringify({ name, version: '1.0.0' }));
  writeFileSync(join(root, 'index.js'), 'exports.send = function send(api) { return api(); };\n');
  return (createRequire(join(root, 'index.js'))('./index.js') as { send: Send }).send;
}

/** mulberry32: small, and the same on every machine. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
