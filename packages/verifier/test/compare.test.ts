import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';

import { type Comparison, comparePaths, nodeCrypto, UsageError, verifyPath, verifySplitView } from '../src/index.ts';
import { newFolder } from './experiment.ts';
import { makeKey, ReferenceLedger, sampleLedger } from './reference-writer.ts';

/** Rows of one beginning; from `change` on with another host: what a log with two faces would show. */
function history(batches: number, change = Infinity): ReferenceLedger {
  const ledger = new ReferenceLedger();
  for (let batch = 0; batch < batches; batch += 1) {
    for (let n = 0; n < 5; n += 1) ledger.net(batch >= change ? { host: 'harmless.example' } : {});
    ledger.seal();
  }
  return ledger;
}

async function compared(a: string | Buffer, b: string | Buffer, pins?: string[]): Promise<Comparison> {
  const folder = newFolder();
  mkdirSync(folder);
  const paths = [a, b].map((content, at) => {
    const path = join(folder, `${at}`);
    writeFileSync(path, content);
    return path;
  });
  return comparePaths(paths[0]!, paths[1]!, pins === undefined ? {} : { pins });
}

const newest = (ledger: ReferenceLedger): string => ledger.notes.at(-1)!.text;
const judged = async (evidence: string, pins: string[] = []): Promise<string> => {
  const { verdict, findings } = await verifySplitView(Buffer.from(evidence), nodeCrypto, { pins });
  return `${verdict} ${findings.map(({ code }) => code).join(' ')}`;
};

it('finds the same, a proven prefix, and what nothing here proves', async () => {
  const [older, newer] = [history(3), history(9)];
  for (const [a, b, relation, exit] of [
    [newest(older), newest(older), 'same', 0],
    [older.bundle(), older.bundle(), 'same', 0],
    [newest(older), newer.bundle(), 'prefix', 0],
    [newer.bundle(), newest(older), 'prefix', 0],
    [older.bundle(), newer.bundle(), 'prefix', 0],
    [newest(older), newest(newer), 'unproven', 12],
    [newest(older), newer.bundle({ from: 40, to: 44 }), 'unproven', 12],
    [newest(older), newer.bundle({ from: 3, to: 44 }), 'prefix', 0],
  ] as const) {
    const found = await compared(a, b, [older.vkey]);
    assert.deepEqual([found.relation, found.exit, found.evidence], [relation, exit, ''], JSON.stringify(found));
  }
});

it('finds a split view, whose evidence others can check alone', async () => {
  const [one, other, longer] = [history(4), history(4, 2), history(9, 2)];
  const bare = (ledger: ReferenceLedger): Buffer => ledger.bundle({ notes: ledger.notes.slice(-1) });
  for (const [a, b] of [
    [newest(one), bare(longer)],
    [bare(longer), newest(one)],
    [bare(one), bare(longer)],
    [newest(one), other.bundle()],
    [one.bundle(), other.bundle()],
    [newest(one), longer.bundle()],
    [longer.bundle(), newest(one)],
    [one.bundle(), longer.bundle()],
    [history(4).bundle({ from: 3, to: 9 }), longer.bundle()],
  ] as const) {
    const { relation, exit, verdict, evidence, findings } = await compared(a, b);
    assert.deepEqual(
      [relation, exit, verdict, findings.map(({ code }) => code)],
      ['split-view', 20, 'TAMPERED', ['split-view']],
    );
    assert.equal(await judged(evidence), 'TAMPERED unanchored split-view');
    assert.equal(await judged(evidence, [one.vkey]), 'TAMPERED split-view');
  }
  const pinned = await compared(newest(one), newest(other), [one.vkey]);
  assert.equal(pinned.relation, 'split-view');
  assert.equal(await judged(pinned.evidence, [one.vkey]), 'TAMPERED split-view');
  assert.match(await judged(pinned.evidence), /^UNVERIFIABLE/, 'nothing ties the key to the origin');
});

it('never takes for a split view what the log key did not sign', async () => {
  const [one, other] = [history(4), history(4, 2)];
  const { evidence } = await compared(one.bundle(), other.bundle());
  const lines = evidence.split('\n');
  const forged = new ReferenceLedger({ logKey: makeKey('somebody') });
  for (let n = 0; n < 3; n += 1) forged.net();
  const someone = forged.note({ origin: one.origin });
  for (const bad of [
    evidence.replace(lines[4]!, lines[5]!),
    evidence.replace(lines[5]!, `note ${Buffer.from(someone).toString('base64')}`),
    evidence.replace(/^key .*$/m, `key ${forged.logKey.publicKey.toString('hex')}`),
    evidence.replace(/^origin .*$/m, `origin ${forged.origin}`),
    evidence.replace('genesis 0', 'genesis 1').replace(/genesis [^0]/, 'genesis 0'),
    evidence.slice(0, -5),
    `${evidence}x`,
    evidence.replaceAll('\n', '\r\n'),
  ]) {
    assert.match(await judged(bad), /^UNVERIFIABLE/, bad);
  }
  assert.equal((await compared(someone, one.bundle())).relation, 'unverifiable');
  assert.equal((await compared(newest(one), newest(other))).relation, 'unverifiable', 'no key is known');
  assert.equal((await compared(newest(one), newest(sampleLedger({ seed: 'other' })))).exit, 30);
});

it('shows nothing with the tiles of another tree', async () => {
  const longer = history(9, 2);
  const { evidence } = await compared(newest(history(4)), longer.bundle({ notes: longer.notes.slice(-1) }));
  const hash = /left ([0-9a-f]{64})/.exec(evidence)![1]!;
  const flipped = evidence.replace(
    hash,
    hash.replace(/./, (digit) => (digit === '0' ? '1' : '0')),
  );
  assert.match(await judged(flipped), /^UNVERIFIABLE/);
  // Tiles of the true tree: the older note is then one of its own.
  const same = history(9);
  const honest = await compared(newest(history(4)), same.bundle());
  assert.equal(honest.relation, 'prefix');
});

it('names a damaged bundle as what it is', async () => {
  const one = history(4);
  const damaged = Buffer.from(one.bundle().toString().replace('host4.example', 'host5.example'));
  const { relation, exit, findings } = await compared(newest(one), damaged);
  assert.equal(relation, 'unverifiable');
  assert.equal(exit, 20);
  assert.match(findings[0]!.text, /^of the second: /);
});

it('takes nothing but checkpoints and bundles', async () => {
  await assert.rejects(compared('something', newest(history(1))), UsageError);
  await assert.rejects(compared(newest(history(1)), history(1).proof(1)), UsageError);
});

it('judges the file that was written by its content', async () => {
  const { evidence } = await compared(history(4).bundle(), history(4, 2).bundle());
  const folder = newFolder();
  mkdirSync(folder);
  writeFileSync(join(folder, 'evidence'), evidence);
  assert.equal((await verifyPath(join(folder, 'evidence'))).exit, 20);
  assert.equal(readFileSync(join(folder, 'evidence'), 'utf8'), evidence);
});

it('refuses a pin that is none, whether it is needed or not', async () => {
  const ledger = history(3);
  for (const a of [newest(ledger), ledger.bundle()])
    await assert.rejects(compared(a, newest(ledger), ['what I know']), UsageError);
});
