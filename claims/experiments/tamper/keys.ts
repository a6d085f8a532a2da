/** Keys: those of today on closed epochs, wrong ones, weak ones, other ones; epochs left out. */
import { generateKeyPairSync, sign } from 'node:crypto';

import { vkey } from '../../../packages/verifier/test/reference-writer.ts';
import type { Aim, Copy, Experiment } from './experiment.ts';
import { type Forgery, type Key, makeKey } from './forgery.ts';

/** A row of the closed epoch 2, changed; everything after it is signed again. */
function rewritten(copy: Copy, signer: (forgery: Forgery) => (epoch: number) => Key, edit = true): number {
  const { forgery } = copy;
  const row = forgery.callIn(2);
  if (edit) forgery.edit(row, { host: 'harmless.example' });
  forgery.chain();
  forgery.sign(row, signer(forgery));
  forgery.store(copy.data);
  return row;
}

/** A row of the open epoch, changed; everything after it is signed again by the key that still is there. */
function changedToday(copy: Copy, { pinned = false, log = true }: { pinned?: boolean; log?: boolean }): Aim {
  const { forgery } = copy;
  const row = forgery.callIn(forgery.today, 1);
  forgery.edit(row, { host: 'harmless.example' });
  forgery.chain();
  forgery.sign(row, todays(forgery));
  forgery.store(copy.data, { log });
  return { row, ...(pinned ? { pins: [copy.newestNote] } : {}) };
}

const todays = (forgery: Forgery) => (): Key => forgery.epochKeys[forgery.today]!;

/** Appends a row to the open epoch, as its writer would, with the keys of today. */
function appended(copy: Copy, append: (forgery: Forgery) => Aim | number): Aim | number {
  const { forgery } = copy;
  const aim = append(forgery);
  forgery.seal();
  forgery.store(copy.data);
  return aim;
}

const SMALL_ORDER: Readonly<Record<string, string>> = {
  'the identity': `01${'00'.repeat(31)}`,
  'order 2': `ec${'ff'.repeat(30)}7f`,
  'order 4': '00'.repeat(32),
  'order 4, the other sign': `${'00'.repeat(31)}80`,
  'order 8': 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'order 8, the other one': '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
};

function introduced(key: string): (forgery: Forgery) => number {
  return (forgery) => forgery.row({ kind: 'key', epoch: forgery.today + 1, epochKey: key, event: 'next' });
}

export const KEYS: readonly Experiment[] = [
  {
    what: 'a closed epoch changed, signed again with the key of today',
    by: 'root',
    store: (copy) => rewritten(copy, (forgery) => (epoch) => forgery.epochKeys[epoch] ?? todays(forgery)()),
    expected: 'TAMPERED signature closing',
    exported: 'TAMPERED signature closing',
  },
  {
    what: 'a closed epoch as it was, signed again with the key of today',
    by: 'root',
    store: (copy) => rewritten(copy, (forgery) => (epoch) => forgery.epochKeys[epoch] ?? todays(forgery)(), false),
    expected: 'TAMPERED signature closing',
    exported: 'TAMPERED signature closing',
  },
  {
    what: 'a closed epoch given to the epoch of today',
    by: 'root',
    store: (copy) => {
      const { forgery } = copy;
      const row = forgery.callIn(2);
      forgery.edit(row, { host: 'harmless.example' });
      for (const seal of forgery.of('seal')) if (seal > row) forgery.edit(seal, { epoch: forgery.today });
      forgery.chain();
      forgery.sign(row, todays(forgery));
      forgery.store(copy.data);
      return row;
    },
    expected: 'TAMPERED epoch note, key note',
    exported: 'TAMPERED epoch closing, key closing',
  },
  {
    what: 'a newer key under an older epoch',
    by: 'root',
    store: (copy) => {
      const { forgery } = copy;
      const seal = forgery.of('seal').find((seq) => forgery.leaf(seq)['epoch'] === 2)!;
      forgery.edit(seal, { epoch: 3 });
      forgery.chain();
      forgery.sign(seal, (epoch) => forgery.epochKeys[epoch] ?? todays(forgery)());
      forgery.store(copy.data);
      return seal;
    },
    expected: 'TAMPERED epoch row, key row, signature closing',
    exported: 'TAMPERED signature closing',
  },
  {
    what: 'own keys in all key rows after a closed epoch',
    by: 'root',
    store: (copy) => {
      const { forgery } = copy;
      const row = forgery.callIn(2);
      const mine = forgery.epochKeys.map((_, epoch) => makeKey(`mine ${epoch}`));
      forgery.edit(row, { host: 'harmless.example' });
      for (const seq of forgery.of('key')) {
        if (seq > row)
          forgery.edit(seq, {
            epochKey: (mine[Number(forgery.leaf(seq)['epoch'])] ??= makeKey(`mine ${seq}`)).publicKey.toString('hex'),
          });
      }
      forgery.chain();
      forgery.sign(row, (epoch) => mine[epoch] ?? todays(forgery)());
      forgery.store(copy.data);
      return row;
    },
    expected: 'TAMPERED signature closing',
    exported: 'TAMPERED signature closing',
  },
  {
    what: 'an idle epoch left out, all after it moved up',
    by: 'root',
    store: (copy) => {
      const { forgery } = copy;
      const keys = forgery.of('key');
      const at = keys.findIndex((seq, one) => keys[one + 1] === seq + 2);
      const idle = keys[at]!;
      forgery.leaves.splice(idle, 2);
      for (const seq of [...forgery.of('key'), ...forgery.of('seal')])
        if (seq >= idle) forgery.edit(seq, { epoch: Number(forgery.leaf(seq)['epoch']) - 1 });
      forgery.chain();
      forgery.sign(idle, (epoch) => forgery.epochKeys[epoch + 1] ?? todays(forgery)());
      forgery.store(copy.data);
      return idle;
    },
    expected: 'TAMPERED signature row+1',
    exported: 'TAMPERED signature row+1',
  },
  {
    what: 'the key row of an epoch left out',
    by: 'root',
    store: (copy) => {
      const { forgery } = copy;
      const row = forgery.of('key')[3]!;
      forgery.leaves.splice(row, 1);
      forgery.chain();
      forgery.sign(row, (epoch) => forgery.epochKeys[epoch] ?? todays(forgery)());
      forgery.store(copy.data);
      return row;
    },
    expected: 'TAMPERED signature row, epoch row+4, key 203',
    exported: 'TAMPERED epoch 203, key 203, signature 205',
  },
  {
    what: 'the closing note of an epoch deleted',
    by: 'admin',
    store: (copy) => {
      const seal = copy.forgery.of('key')[2]! + 1;
      copy.sql(`DELETE FROM checkpoints WHERE size = ${seal + 1}`);
      return seal;
    },
    expected: 'TAMPERED note row, epoch row+5',
    exported: 'TAMPERED epoch row+5',
  },
  {
    what: 'the newest note alone over a changed closed epoch',
    by: 'root',
    store: (copy) => {
      const { forgery } = copy;
      const row = forgery.callIn(2);
      forgery.edit(row, { host: 'harmless.example' });
      forgery.chain();
      forgery.notes.length = 0;
      forgery.note();
      forgery.store(copy.data);
      return row;
    },
    expected: 'TAMPERED note 1, epoch newest',
    exported: 'TAMPERED epoch newest',
  },
  ...(
    [
      ['(only a pin or an older copy shows it)', {}, 'VERIFIED', 'VERIFIED'],
      [
        'and the newest note of before is pinned',
        { pinned: true },
        'TAMPERED split-view newest',
        'TAMPERED split-view newest',
      ],
      ['and the log could not be changed', { log: false }, 'TAMPERED root note', 'VERIFIED'],
    ] as const
  ).map(([how, options, expected, exported]): Experiment => ({
    what: `rows since the last closing note changed, signed with the key of today ${how}`,
    by: 'root',
    store: (copy) => changedToday(copy, options),
    expected,
    exported,
  })),
  {
    what: 'a new ledger in place of this one',
    by: 'root',
    store: (copy) => {
      const forgery = fresh(copy);
      forgery.store(copy.data);
    },
    expected: 'TAMPERED key',
    exported: 'TAMPERED key',
  },
  {
    what: 'a new ledger in place of this one, and no pin (only a pin shows it)',
    by: 'root',
    store: (copy) => {
      fresh(copy).store(copy.data);
      return { pins: [] };
    },
    expected: 'UNANCHORED unanchored',
    exported: 'UNANCHORED unanchored',
  },
  {
    what: 'another log key in the genesis row',
    by: 'root',
    store: (copy) => {
      const { forgery } = copy;
      const mine = makeKey('mine');
      forgery.edit(0, { logKey: mine.publicKey.toString('hex') });
      forgery.chain();
      Object.assign(forgery, { logKey: mine });
      forgery.sign(0, (epoch) => forgery.epochKeys[epoch] ?? todays(forgery)());
      forgery.store(copy.data);
    },
    expected: 'TAMPERED ledger-id 0, signature closing, key 0',
    exported: 'refused',
  },
  {
    what: 'another log key, its ledger id made to fit',
    by: 'root',
    store: (copy) => ({ ...refounded(copy), pins: [copy.attacked.vkey] }),
    expected: 'TAMPERED key',
    exported: 'TAMPERED key',
  },
  {
    what: 'a pinned key of this origin that is another',
    by: 'nobody',
    store: (copy) => ({ pins: [vkey(copy.forgery.origin, makeKey('another'))] }),
    expected: 'TAMPERED key 0',
    exported: 'TAMPERED key 0',
  },
  {
    what: 'a pinned note of this origin by another key',
    by: 'nobody',
    store: (copy) => {
      const { forgery } = copy;
      Object.assign(forgery, { logKey: makeKey('another') });
      return { pins: [forgery.note({ keep: false })] };
    },
    expected: 'TAMPERED key',
    exported: 'TAMPERED key',
  },
  {
    what: 'an older note pinned',
    by: 'nobody',
    store: (copy) => ({ pins: [copy.forgery.notes[7]!.text] }),
    expected: 'VERIFIED',
    exported: 'VERIFIED',
  },
  {
    what: 'a pin of another ledger',
    by: 'nobody',
    store: () => ({ pins: [vkey('local/outwitness/ab', makeKey('another'))] }),
    expected: 'TAMPERED key',
    exported: 'TAMPERED key',
  },
  {
    what: 'an epoch key introduced and used under one note',
    by: 'root',
    store: (copy) =>
      appended(copy, (forgery) => {
        const row = forgery.nextEpochBy(makeKey('next'));
        forgery.epoch += 1;
        return row + 1;
      }),
    expected: 'TAMPERED epoch row',
    exported: 'TAMPERED epoch row',
  },
  {
    what: 'an epoch that signs after its closing note',
    by: 'root',
    store: (copy) =>
      appended(copy, (forgery) => {
        forgery.nextEpochBy(makeKey('next'));
        forgery.seal();
        return forgery.net() + 1;
      }),
    expected: 'TAMPERED epoch row',
    exported: 'TAMPERED epoch row',
  },
  ...[
    { key: 'that of the epoch before', of: ({ epochKeys, today }: Forgery) => epochKeys[today]! },
    { key: 'the log key', of: ({ logKey }: Forgery) => logKey },
  ].map(({ key, of }): Experiment => ({
    what: `${key} introduced as the key of the next epoch`,
    by: 'root',
    store: (copy) =>
      appended(copy, (forgery) => {
        const row = forgery.nextEpochBy(of(forgery));
        forgery.seal();
        forgery.epoch += 1;
        return row;
      }),
    expected: 'TAMPERED key row',
    exported: 'TAMPERED key row',
  })),
  {
    what: 'the newest note signed by 1,000 wrong keys, in the names and key IDs of the right ones',
    by: 'courier',
    file: (forgery) => {
      const proof = forgery.proof(forgery.callIn(2));
      const body = `${proof
        .slice(proof.indexOf('\n\n') + 2)
        .split('\n', 3)
        .join('\n')}\n`;
      return Array.from({ length: 1000 }, (_, at) => {
        const signature = sign(null, Buffer.from(body), makeKey(`wrong ${at}`).privateKey);
        const lines = proof.split('\n');
        const wrong = lines.findLastIndex((line) => line.startsWith('— ')) - (at % 2);
        const [dash, name, right = ''] = lines[wrong]!.split(' ');
        const id = Buffer.from(right, 'base64').subarray(0, 4);
        lines[wrong] = [dash, name, Buffer.concat([id, signature]).toString('base64')].join(' ');
        return { bytes: Buffer.from(lines.join('\n')) };
      });
    },
    expected: 'TAMPERED signature newest, subset',
  },
  {
    what: 'an epoch number skipped',
    by: 'root',
    store: (copy) =>
      appended(copy, (forgery) =>
        forgery.row({
          kind: 'key',
          epoch: forgery.today + 2,
          epochKey: makeKey('next').publicKey.toString('hex'),
          event: 'next',
        }),
      ),
    expected: 'TAMPERED epoch row',
    exported: 'TAMPERED epoch row',
  },
  {
    what: 'an epoch introduced twice',
    by: 'root',
    store: (copy) =>
      appended(copy, (forgery) =>
        forgery.row({
          kind: 'key',
          epoch: forgery.today,
          epochKey: makeKey('next').publicKey.toString('hex'),
          event: 'next',
        }),
      ),
    expected: 'TAMPERED epoch row',
    exported: 'TAMPERED epoch row',
  },
  {
    what: 'a seal that names another epoch than signs',
    by: 'root',
    store: (copy) => {
      const { forgery } = copy;
      const row = forgery.sealRow({ epoch: forgery.today - 1 });
      forgery.note();
      forgery.store(copy.data);
      return row;
    },
    expected: 'TAMPERED epoch row',
    exported: 'TAMPERED epoch row',
  },
  ...Object.entries(SMALL_ORDER).map(([what, key]): Experiment => ({
    what: `a key of small order introduced: ${what}`,
    by: 'root',
    store: (copy) => appended(copy, introduced(key)),
    expected: 'TAMPERED key row',
    exported: 'TAMPERED key row',
  })),
  {
    what: 'a key in a second spelling introduced',
    by: 'root',
    store: (copy) => appended(copy, introduced(`ee${'ff'.repeat(30)}7f`)),
    expected: 'TAMPERED key row',
    exported: 'TAMPERED key row',
  },
  {
    what: 'a log key of small order',
    by: 'root',
    store: (copy) => ({ ...refounded(copy, Buffer.from(SMALL_ORDER['order 8']!, 'hex')), pins: [] }),
    expected: 'TAMPERED key 0, unanchored',
    exported: 'refused',
  },
];

/** The same rows under a new log key, ledger id and origin. */
function refounded(copy: Copy, publicKey?: Buffer): Aim {
  const forged = fresh(copy, publicKey);
  forged.store(copy.data);
  return { pins: [vkey(forged.origin, forged.logKey)] };
}

/** A ledger of the attacker's own, with his keys and one call that never was. */
function fresh(copy: Copy, publicKey?: Buffer): Forgery {
  const mine = generateKeyPairSync('ed25519');
  const spki = mine.publicKey.export({ format: 'der', type: 'spki' }).subarray(12);
  return copy.forgery.begin({ privateKey: mine.privateKey, publicKey: publicKey ?? spki });
}
