/** Split views: evidence of one that holds, and such that shows nothing, whoever wrote it. */
import { hash, sign } from 'node:crypto';

import { tiles as tilesOf } from '../../../packages/verifier/test/reference-writer.ts';
import type { Experiment } from './experiment.ts';
import { Forgery, type Key, makeKey } from './forgery.ts';
import type { UnderAttack } from './ledger-under-attack.ts';

const MINE = makeKey('mine');

/** The lines of the evidence by their word. */
interface Evidence {
  first: string;
  origin: string;
  key: string;
  genesis: string | undefined;
  notes: [older: string, newer: string];
  tiles: { left: readonly string[]; right: readonly string[] } | undefined;
}

interface Split {
  /** How much longer the second history is, in calls; 0 = of the same size. */
  readonly longer?: number;
  /** Who signs the second history in place of the log key. */
  readonly signer?: Key;
  /** Both are of one history. */
  readonly agree?: boolean;
}

/** Two histories of the ledger, and what its log key said of both. */
function split({ data }: UnderAttack, { longer = 0, signer, agree = false }: Split): Evidence {
  const [one, other] = [Forgery.of(data), Forgery.of(data)];
  if (signer !== undefined) Object.assign(other, { logKey: signer });
  one.net();
  const older = one.seal();
  if (agree) Object.assign(other, { leaves: [...one.leaves], hashes: [...one.hashes], time: one.time });
  else other.net({ host: 'harmless.test' });
  for (let more = 0; more < longer; more += 1) other.net();
  const newer = agree && longer === 0 ? older : other.seal();
  const { logKey, epochKey, nonce } = one.leaf(0) as Record<string, string>;
  const [at, size] = [one.leaves.length, other.leaves.length];
  return {
    first: 'outwitness-split-view 1',
    origin: one.origin,
    key: `${logKey}`,
    genesis: `${epochKey} ${nonce}`,
    notes: [older, newer],
    tiles: at === size ? undefined : { left: tilesOf(0, at, other.hashes), right: tilesOf(at, size, other.hashes) },
  };
}

function written({ first, origin, key, genesis, notes, tiles }: Evidence): Buffer {
  const lines = [first, `origin ${origin}`, `key ${key}`];
  if (genesis !== undefined) lines.push(`genesis ${genesis}`);
  lines.push(...notes.map((note) => `note ${Buffer.from(note).toString('base64')}`));
  if (tiles !== undefined) lines.push(`left ${tiles.left.join(' ')}`, `right ${tiles.right.join(' ')}`);
  return Buffer.from(`${lines.join('\n')}\n`);
}

/** Of the neutral point, R = the neutral point and S = 0 are a signature of every message (RFC 8032, 5.1.7). */
function signedByNobody(origin: string, key: string, root: string): string {
  const body = `${origin}\n302\n${root.repeat(42)}A=\n`;
  const id = hash('sha256', Buffer.concat([Buffer.from(`${origin}\n\u0001`), Buffer.from(key, 'hex')])).slice(0, 8);
  const line = Buffer.from(`${id}${key}${'00'.repeat(32)}`, 'hex').toString('base64');
  return `${body}\n— ${origin} ${line}\n— ${origin}/epoch/0 ${line}\n`;
}

function evidence(
  what: string,
  expected: string,
  options: Split,
  change: (evidence: Evidence, ledger: Forgery) => void = () => undefined,
  pinned = true,
): Experiment {
  return {
    what: `evidence of a split view, ${what}`,
    by: 'courier',
    expected,
    file: (forgery, attacked) => {
      const said = split(attacked, options);
      change(said, forgery);
      return { bytes: written(said), ...(pinned ? {} : { pins: [] }) };
    },
  };
}

const HOLDS = 'TAMPERED split-view 301';
const NOTHING = 'UNVERIFIABLE unreadable';
const ONE_TILE = 'ab'.repeat(32);

export const SPLIT_VIEWS: readonly Experiment[] = [
  evidence('of one size', HOLDS, {}),
  evidence('of one size, no key pinned', `${HOLDS}, unanchored`, {}, undefined, false),
  evidence('the second history longer', HOLDS, { longer: 7 }),
  evidence('the key tied to its origin by a pin alone', HOLDS, {}, (said) => (said.genesis = undefined)),
  evidence('nothing that ties its key to its origin', `${NOTHING}, unanchored`, {}, (said) => (said.genesis = undefined), false),
  evidence('but both notes agree', NOTHING, { agree: true }),
  evidence('but the longer one goes on from the other', NOTHING, { agree: true, longer: 7 }),
  evidence('the second note of another key', NOTHING, { signer: MINE }),
  evidence('both notes of another key', NOTHING, { signer: MINE }, (said) => {
    said.key = MINE.publicKey.toString('hex');
  }),
  evidence('another nonce', NOTHING, {}, (said) => (said.genesis = said.genesis?.replace(/.{8}$/, '00000000'))),
  evidence('a weak key', NOTHING, {}, (said) => (said.key = `01${'00'.repeat(31)}`)),
  evidence('a weak key, under which anybody can sign', NOTHING, {}, (said) => {
    said.key = `01${'00'.repeat(31)}`;
    const id = hash('sha256', Buffer.from(said.key + said.genesis!.replace(' ', ''), 'hex')).slice(0, 32);
    said.origin = `local/outwitness/${id}`;
    said.notes = [signedByNobody(said.origin, said.key, 'A'), signedByNobody(said.origin, said.key, 'B')];
  }, false),
  evidence('a note of another record, under the key ID of this one', NOTHING, {}, (said, ledger) => {
    const [other, body] = ['other/outwitness/ab', `other/outwitness/ab\n302\n${'A'.repeat(43)}=\n`];
    const id = Buffer.from(ledger.vkey.split('+')[1]!, 'hex');
    const line = Buffer.concat([id, sign(null, Buffer.from(body), ledger.logKey.privateKey)]).toString('base64');
    said.notes[1] = `${body}\n— ${other} ${line}\n— ${other}/epoch/0 ${line}\n`;
  }),
  evidence('of another record', NOTHING, {}, (said) => (said.origin = said.origin.replace(/.$/, 'x'))),
  evidence('the first note of another record', NOTHING, {}, (said, ledger) => {
    said.notes[0] = ledger.begin(MINE).notes.at(-1)!.text;
  }),
  evidence('a note that is none', NOTHING, {}, (said) => (said.notes[1] = 'none')),
  evidence('no way between its two sizes', NOTHING, { longer: 7 }, (said) => (said.tiles = undefined)),
  evidence('a tile too few', NOTHING, { longer: 7 }, (said) => (said.tiles!.left = said.tiles!.left.slice(1))),
  evidence('a tile too many', NOTHING, { longer: 7 }, (said) => (said.tiles!.right = [...said.tiles!.right, ONE_TILE])),
  evidence('another tile', NOTHING, { longer: 7 }, (said) => (said.tiles!.left = [ONE_TILE, ...said.tiles!.left.slice(1)])),
  evidence('a newer version', NOTHING, {}, (said) => (said.first = 'outwitness-split-view 2')),
]; // prettier-ignore
