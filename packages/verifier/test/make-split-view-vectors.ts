/** Writes testdata/vectors/split-view. The files are frozen: run it by hand, and only to add to them. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { comparePaths, verifyPath } from '../src/index.ts';
import { ReferenceLedger } from './reference-writer.ts';

const folder = fileURLToPath(new URL('../../../testdata/vectors/split-view/', import.meta.url));
mkdirSync(folder, { recursive: true });

/** Three calls a batch; from batch `change` on to another host. */
function history(batches: number, change = Infinity): ReferenceLedger {
  const ledger = new ReferenceLedger();
  for (let batch = 0; batch < batches; batch += 1) {
    for (let n = 0; n < 3; n += 1) ledger.net(batch >= change ? { host: 'harmless.example' } : {});
    ledger.seal();
  }
  return ledger;
}

const [one, longer, other] = [history(3), history(5), history(5, 2)];
const pins = [one.vkey];
const write = (name: string, content: string | Uint8Array): string => {
  writeFileSync(join(folder, name), content);
  return name;
};
write('one.note', one.notes.at(-1)!.text);
write('longer.note', longer.notes.at(-1)!.text);
write('other.note', other.notes.at(-1)!.text);
write('one.outwitness', one.bundle());
write('longer.outwitness', longer.bundle());
write('other.outwitness', other.bundle());
write('elsewhere.note', new ReferenceLedger({ seed: 'elsewhere' }).seal());

const pairs: object[] = [];
for (const [a, b, pinned] of [
  ['one.note', 'one.outwitness', []],
  ['one.note', 'longer.outwitness', pins],
  ['one.outwitness', 'longer.outwitness', pins],
  ['one.note', 'longer.note', pins],
  ['one.note', 'longer.note', []],
  ['longer.note', 'other.note', pins],
  ['longer.outwitness', 'other.note', []],
  ['one.note', 'other.outwitness', []],
  ['other.outwitness', 'one.outwitness', pins],
  ['one.note', 'elsewhere.note', pins],
] as const) {
  const said = await comparePaths(join(folder, a), join(folder, b), { pins: [...pinned] });
  const { relation, exit, size, range, findings, evidence } = said;
  const file = evidence === '' ? '' : write(`evidence-${pairs.length}.txt`, evidence);
  pairs.push({ a, b, pins: pinned, relation, exit, size, range, findings: findings.map(({ code, seq }) => `${code} ${seq}`), evidence: file });
} // prettier-ignore

const evidence = pairs.flatMap((pair) => (pair as { evidence: string }).evidence || []);
write('of-one-history.txt', textOf(evidence[0]!).replace(/^note .*\n(note .*)\n/m, '$1\n$1\n'));
write('without-genesis.txt', textOf(evidence[0]!).replace(/^genesis .*\n/m, ''));
const files: object[] = [];
for (const [path, pinned] of [
  ...evidence.flatMap((name) => [[name, []] as const, [name, pins] as const]),
  ['of-one-history.txt', pins],
  ['without-genesis.txt', []],
  ['without-genesis.txt', pins],
] as const) {
  const { verdict, exit, size, range, findings } = await verifyPath(join(folder, path), { pins: [...pinned] });
  files.push({ path, pins: pinned, verdict, exit, size, range, findings: findings.map(({ code, seq }) => `${code} ${seq}`) });
} // prettier-ignore
write('expected.json', `${JSON.stringify({ pairs, files }, undefined, 2)}\n`);

function textOf(name: string): string {
  return readFileSync(join(folder, name), 'utf8');
}
