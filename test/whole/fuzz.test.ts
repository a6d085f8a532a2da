import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { branchesOf } from '../../claims/experiments/fuzz/branches.ts';
import { fuzz, type Fuzzed } from '../../claims/experiments/fuzz/run.ts';
import { temporaryFolder } from '../../claims/system/temporary-folder.ts';

const folder = temporaryFolder('fuzz-test');
after(() => folder[Symbol.dispose]());

/** @param defect a module of claims/fixtures/fuzz that takes the place of verifier and reader */
async function run(name: string, count: number, kind?: string, defect?: string, limitMs?: number): Promise<Fuzzed> {
  return fuzz({
    seed: 'test', count, workers: 1, folder: `${folder.path}/${name}`,
    ...(kind === undefined ? {} : { kind }),
    ...(defect === undefined ? {} : { target: new URL(`../../claims/fixtures/fuzz/${defect}.ts`, import.meta.url).href }),
    ...(limitMs === undefined ? {} : { limitMs }),
  }); // prettier-ignore
}

const whats = ({ tally }: Fuzzed): string[] => tally.failures.map(({ what }) => what.split('\n', 1)[0] ?? '');

test('some thousand mutations are judged by what was written, whatever kind of input they are of', async () => {
  const { tally, coverage } = await run('sound', 4000);
  assert.deepEqual(tally.failures, []);
  const inputs = [...tally.kinds.values()].reduce((sum, one) => sum + one.inputs, 0);
  assert.equal(inputs, 4000);
  assert.equal(tally.kinds.size, 12);
  for (const kind of ['note', 'proof', 'pin', 'spool file', 'split view'])
    assert.ok((tally.kinds.get(kind)?.accepted ?? 0) > 0, `no ${kind} was accepted: the oracle was not asked`);
  const branches = branchesOf(coverage);
  assert.equal(branches.find(({ file }) => file.endsWith('/bytes.ts'))?.unreached.length, 0);
  const unreached = branches.reduce((sum, one) => sum + one.unreached.length, 0);
  assert.ok(unreached > 0 && unreached < branches.reduce((sum, one) => sum + one.all, 0) / 4, `${unreached} unreached`);
});

test('the same seed gives the same inputs, and one of them can be run alone', async () => {
  const [one, again] = [await run('one', 1200), await run('again', 1200)];
  assert.deepEqual(one.tally, again.tally);
  const { tally } = await fuzz({ seed: 'test', count: 1200, workers: 2, only: 700, folder: `${folder.path}/only` });
  assert.equal(
    [...tally.kinds.values()].reduce((sum, { inputs }) => sum + inputs, 0),
    1,
  );
});

test('a verifier that accepts what was not written is told', async () => {
  const { tally } = await run('accepts', 600, 'proof', 'accepts-all');
  assert.ok(tally.failures.every(({ kind }) => kind === 'proof'));
  const forged = tally.failures.filter(({ what }) => what.includes('for a proof that no ledger gives'));
  assert.ok(forged.length > 20, `${forged.length} of ${tally.failed} failures`);
});

test('a verifier that throws out of its verdict is told', async () => {
  const said = whats(await run('throws', 600, 'split view', 'throws'));
  assert.ok(said.length > 10 && said.every((what) => what === 'threw SyntaxError: planted'), said.join('\n'));
});

test('an input that never ends is told by its number, and those after it are judged', async () => {
  const { tally } = await run('hangs', 2500, 'note', 'never-ends', 300);
  assert.ok(tally.failures.length > 0);
  assert.ok(
    tally.failures.every(({ what }) => what.startsWith('hangs: more than 300 ms')),
    whats({ tally, coverage: [] }).join('\n'),
  );
  const index = tally.failures[0]?.index ?? -1;
  const judged = [...tally.kinds.values()].reduce((sum, one) => sum + one.inputs, 0);
  assert.ok(index >= 0 && judged > 0);
});

test('a reader that loses records or damage without a word is told', async () => {
  const said = whats(await run('loses', 1500, 'spool file', 'loses-records'));
  assert.ok(said.some((what) => what.startsWith('a record that was written is not given back')));
  assert.ok(
    said.some((what) => what.endsWith('are told as damage')) || said.some((what) => what.startsWith('cut into')),
    said.join('\n'),
  );
});
