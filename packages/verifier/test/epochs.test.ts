/** What somebody with the keys of today can try on closed epochs, on the store and through a bundle. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { nodeCrypto, type Result, verifyProof } from '../src/index.ts';
import { assertFound, assertOnly, defaults, newFolder, verifyBytes, verifyDir } from './experiment.ts';
import { EPOCH_KEYS, epochLedger } from './epoch-ledger.ts';
import { finishBundle, makeKey, type ReferenceLedger, sampleLedger } from './reference-writer.ts';

async function both(ledger: ReferenceLedger, judge: (result: Result) => void): Promise<void> {
  judge(await verifyDir(ledger.write(newFolder()), ledger));
  judge(await verifyBytes(ledger.bundle(), ledger));
}

const today = EPOCH_KEYS[3]!;
const closed = (epoch: number): boolean => epoch > 0 && epoch < 3;

describe('closed epochs', () => {
  it('verify, an idle one among them, in every form', async () => {
    const ledger = epochLedger();
    await both(ledger, (result) => assertOnly(result, 'VERIFIED'));
    const size = ledger.leaves.length;
    for (let seq = 0; seq < size; seq += 1) {
      assertOnly(await verifyBytes(ledger.bundle({ from: seq, to: seq + 1 }), ledger), 'INCOMPLETE', 'subset');
      const proof = await verifyProof(Buffer.from(ledger.proof(seq)), nodeCrypto, defaults(ledger));
      assertOnly(proof, 'INCOMPLETE', 'subset');
    }
    const dir = ledger.write(newFolder());
    for (let newest = 1; newest < size; newest += 1) assertOnly(await verifyDir(dir, ledger, { newest }), 'VERIFIED');
  });

  it('with a changed row cannot be signed again with the key of today', async () => {
    const forged = epochLedger({ changed: true, signer: (epoch) => (closed(epoch) ? today : EPOCH_KEYS[epoch]!) });
    await both(forged, (result) => assertFound(result, 'TAMPERED', 'signature'));
  });

  it('with a changed row cannot be given to the epoch of today', async () => {
    const forged = epochLedger({ changed: true, named: (epoch) => (closed(epoch) ? 3 : epoch) });
    await both(forged, (result) => assertFound(result, 'TAMPERED', 'epoch', 'key'));
  });

  it('with a changed row cannot be covered by the newest note alone', async () => {
    const forged = epochLedger({ changed: true });
    const newest = forged.notes.at(-1)!;
    assertFound(await verifyBytes(forged.bundle({ notes: [newest] }), forged), 'TAMPERED', 'epoch');
    forged.notes.splice(0, forged.notes.length, newest);
    assertFound(await verifyDir(forged.write(newFolder()), forged), 'TAMPERED', 'epoch', 'note');
  });

  it('with a changed row contradict the genuine closing notes', async () => {
    const [forged, genuine] = [epochLedger({ changed: true }), epochLedger()];
    forged.notes.splice(0, forged.notes.length - 1, ...genuine.notes.slice(0, -1));
    await both(forged, (result) => assertFound(result, 'TAMPERED', 'root'));
  });

  it('cannot be begun anew with keys that somebody holds', async () => {
    const mine = [EPOCH_KEYS[0]!, makeKey('mine 1'), makeKey('mine 2'), makeKey('mine 3')];
    const forged = epochLedger({ changed: true, keys: mine, signer: (epoch) => (epoch === 0 ? today : mine[epoch]!) });
    await both(forged, (result) => assertFound(result, 'TAMPERED', 'signature'));
  });

  it('cannot lose their closing note', async () => {
    const ledger = epochLedger();
    for (const [at, { size }] of ledger.notes.entries()) {
      const closing = ledger.leaves[size - 2]!.includes('"kind":"key"');
      if (!closing || at === ledger.notes.length - 1) continue;
      const notes = ledger.notes.toSpliced(at, 1);
      assertFound(await verifyBytes(ledger.bundle({ notes }), ledger), 'TAMPERED', 'epoch');
    }
  });

  it('cannot be left out, an idle one neither', async () => {
    for (const without of [1, 2]) {
      const forged = epochLedger({ without });
      await both(forged, (result) => assertFound(result, 'TAMPERED', 'epoch'));
    }
    const cut = epochLedger();
    const [at] = cut.leaves.flatMap((leaf, seq) => (leaf.includes('"epoch":3,"epochKey"') ? [seq] : []));
    const lines = cut.bundleLines();
    const first = lines.findIndex((line) => line.startsWith(`row ${at} `));
    assertFound(await verifyBytes(finishBundle(lines.toSpliced(first, 2)), cut), 'TAMPERED', 'bundle');
  });
});

describe('the key of an epoch', () => {
  it('does not sign before the epoch begins', async () => {
    const early = epochLedger({ named: (epoch) => (epoch === 1 ? 2 : epoch) });
    await both(early, (result) => assertFound(result, 'TAMPERED', 'epoch', 'key'));
  });

  it('does not sign after its epoch was closed', async () => {
    const ledger = sampleLedger();
    ledger.nextEpoch();
    ledger.seal();
    ledger.net();
    ledger.seal();
    await both(ledger, (result) => assertOnly(result, 'TAMPERED', 'epoch'));
  });

  it('is introduced once, by rows in order', async () => {
    for (const introduced of [[1, 1], [2], [2, 1], [1, 3]]) {
      const ledger = sampleLedger({ epochKeys: [...EPOCH_KEYS] });
      for (const epoch of introduced)
        ledger.row({ kind: 'key', epoch, epochKey: EPOCH_KEYS[epoch]!.publicKey.toString('hex'), event: 'next' });
      ledger.seal();
      await both(ledger, (result) => assertFound(result, 'TAMPERED', 'epoch'));
    }
  });

  it('is never of small order', async () => {
    const ledger = sampleLedger();
    const seq = ledger.row({ kind: 'key', epoch: 1, epochKey: `01${'00'.repeat(31)}`, event: 'next' });
    ledger.seal();
    await both(ledger, (result) => assertFound(result, 'TAMPERED', `key ${seq}`));
  });

  it('and the log key sign every note', async () => {
    for (const line of [0, 1]) {
      const ledger = epochLedger();
      const newest = ledger.notes.at(-1)!;
      const [text, signatures] = newest.text.split('\n\n') as [string, string];
      newest.text = `${text}\n\n${signatures.split('\n').toSpliced(line, 1).join('\n')}`;
      await both(ledger, (result) => assertFound(result, 'TAMPERED', 'note'));
    }
  });

  it('that a part needs cannot be left out of it', async () => {
    const ledger = epochLedger();
    const last = ledger.leaves.length - 1;
    const lines = ledger.bundleLines({ from: last - 1, to: last });
    const at = lines.findIndex((line) => line.startsWith('leaf') && line.includes('"epoch":3,"epochKey"'));
    assert.ok(at > 0);
    assertFound(await verifyBytes(finishBundle(lines.toSpliced(at, 2)), ledger), 'TAMPERED', 'key');
    const proof = ledger.proof(1).replace(/^extra (\S+)$/m, (_, extra: string) => {
      const { genesis, genesisProof, leaf } = JSON.parse(Buffer.from(extra, 'base64').toString());
      return `extra ${Buffer.from(JSON.stringify({ genesis, genesisProof, leaf })).toString('base64')}`;
    });
    assertFound(await verifyProof(Buffer.from(proof), nodeCrypto, defaults(ledger)), 'TAMPERED', 'key');
  });
});
