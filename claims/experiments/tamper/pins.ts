/** Pins that are none, and such that meet a ledger whose log key nobody can use; names that no ledger may have. */
import { hash } from 'node:crypto';

import { ReferenceLedger, vkey } from '../../../packages/verifier/test/reference-writer.ts';
import type { Experiment } from './experiment.ts';
import { type Forgery, makeKey } from './forgery.ts';

const KEY_ID = /\+[0-9a-f]{8}\+/;

/** A verifier key line over bytes of any kind; its key ID is the one that an Ed25519 key of those bytes would have. */
function line(name: string, type: number, publicKey: Buffer): string {
  const padded = Buffer.concat([publicKey, Buffer.alloc(32)]).subarray(0, 32);
  const id = hash('sha256', Buffer.concat([Buffer.from(`${name}\n\u0001`), padded])).slice(0, 8);
  return `${name}+${id}+${Buffer.concat([Buffer.of(type), publicKey]).toString('base64')}`;
}

const NONE: Readonly<Record<string, (forgery: Forgery) => string>> = {
  text: () => 'what I know',
  'a key of another kind': ({ origin, logKey }) => line(origin, 2, logKey.publicKey),
  'a key that is too short': ({ origin, logKey }) => line(origin, 1, logKey.publicKey.subarray(0, 31)),
  'a key under the ID of another': ({ origin, logKey }) => vkey(origin, logKey).replace(KEY_ID, '+00000000+'),
  'a key of small order': ({ origin }) => line(origin, 1, Buffer.from(`01${'00'.repeat(31)}`, 'hex')),
  'half a note': ({ notes }) => notes.at(-1)!.text.slice(0, -50),
};

const WEAK = Buffer.from('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a', 'hex');

function weak(what: string, pins: (forgery: Forgery) => string[], expected: string): Experiment {
  return {
    what: `a log key of small order, ${what}`,
    by: 'root',
    expected,
    file: (forgery) => {
      const forged = forgery.begin({ ...makeKey('mine'), publicKey: WEAK });
      return [{ bytes: forged.bundle(), pins: pins(forged) }];
    },
  };
}

export const PINS: readonly Experiment[] = [
  ...Object.entries(NONE).map(([what, pin]): Experiment => ({
    what: `a pin that is none: ${what}`,
    by: 'nobody',
    expected: 'USAGE',
    file: (forgery) => [{ bytes: forgery.bundle(), pins: [pin(forgery)] }],
  })),
  weak('another key of its origin pinned', ({ origin }) => [vkey(origin, makeKey('another'))], 'TAMPERED key 0'),
  weak('a note of its own pinned', ({ notes }) => [notes.at(-1)!.text], 'TAMPERED key 0'),
  {
    what: 'an operator with a name that none may have',
    by: 'root',
    expected: 'TAMPERED genesis 0',
    file: ({ time }) => {
      const other = new ReferenceLedger({ seed: 'other', operator: 'a/b', start: time });
      other.seal();
      return [{ bytes: other.bundle(), pins: [other.vkey], now: other.time }];
    },
  },
];
