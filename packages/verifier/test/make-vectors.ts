/** Writes testdata/vectors/verifier. The files are frozen: run it by hand, and only to add to them. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';

import { verifyPath } from '../src/index.ts';
import { EPOCH_KEYS, epochLedger } from './epoch-ledger.ts';
import { finishBundle, type Key, ReferenceLedger, sampleLedger } from './reference-writer.ts';
import { tamper } from './experiment.ts';

const folder = fileURLToPath(new URL('../../../testdata/vectors/verifier/', import.meta.url));
mkdirSync(folder, { recursive: true });
const ledger = sampleLedger();
const other = sampleLedger({ seed: 'other' });
const expected: object[] = [];

async function expect(path: string, pins: string[] = [ledger.vkey], now?: string): Promise<void> {
  const options = { pins, now: now === undefined ? ledger.time : Date.parse(now) * 1000 };
  const { verdict, exit, size, range, findings } = await verifyPath(join(folder, path), options);
  const found = findings.map(({ code, seq }) => `${code} ${seq}`);
  expected.push({ path, pins, now: options.now, verdict, exit, size, range, findings: found });
}

async function write(name: string, content: string | Uint8Array, pins?: string[], now?: string): Promise<void> {
  writeFileSync(join(folder, name), content);
  await expect(name, pins, now);
}

const bundle = ledger.bundle().toString();
await write('whole.outwitness', bundle);
await expect('whole.outwitness', []);
await expect('whole.outwitness', [ledger.notes[0]!.text]);
await expect('whole.outwitness', [other.vkey]);
await expect('whole.outwitness', [ledger.vkey], '2026-12-31T00:00:00Z');
await write('part.outwitness', ledger.bundle({ from: 3, to: 9 }));
await write('dropped.outwitness', ledger.bundle({ dropped: new Set([4]) }));
await write('changed-leaf.outwitness', bundle.replace('host4.example', 'host5.example'));
const forged = ledger.bundleLines().map((line) => line.replace('host4.example', 'host5.example'));
await write('changed-leaf-new-digest.outwitness', finishBundle(forged));
await write('crlf.outwitness', bundle.replaceAll('\n', '\r\n'));
await write('cut.outwitness', bundle.slice(0, bundle.indexOf('row 9 ')));
await write('row.tlog-proof', ledger.proof(4));
await write('other-index.tlog-proof', ledger.proof(4).replace('index 4', 'index 5'));

const gap = new ReferenceLedger();
gap.gap(2);
gap.seal();
await write('gap.outwitness', gap.bundle(), [gap.vkey]);

for (const [name, sql] of [
  ['store', ''],
  ['store-changed-leaf', "UPDATE rows SET leaf = replace(leaf, 'host4', 'host5') WHERE seq = 4"],
  ['store-without-last-row', 'DELETE FROM rows WHERE seq = 15'],
  ['store-rolled-back', 'DELETE FROM checkpoints WHERE size = 16'],
] as const) {
  const dir = ledger.write(join(folder, name), { pageSize: 1024, version: 1 });
  if (sql !== '') tamper(dir, sql);
  const db = new DatabaseSync(join(dir, 'ledger.db'));
  db.exec('VACUUM');
  db.close();
  await expect(name);
}

// Epochs: whole, in part, one row; then what somebody with the keys of today makes of a closed one.
const epochs = epochLedger();
const pin = [epochs.vkey];
const last = epochs.leaves.length;
await write('epochs.outwitness', epochs.bundle(), pin);
await write('epochs-part.outwitness', epochs.bundle({ from: last - 4, to: last - 2 }), pin);
await write('epochs-row.tlog-proof', epochs.proof(4), pin);
const closed = (epoch: number): boolean => epoch > 0 && epoch < 3;
const today = (epoch: number): Key => EPOCH_KEYS[closed(epoch) ? 3 : epoch]!;
const forgeries = {
  'signed-again-with-the-key-of-today': { changed: true, signer: today },
  'given-to-the-epoch-of-today': { changed: true, named: (epoch: number) => (closed(epoch) ? 3 : epoch) },
  'idle-epoch-left-out': { without: 2 },
  'key-of-a-newer-epoch': { named: (epoch: number) => (epoch === 1 ? 2 : epoch) },
};
for (const [name, forgery] of Object.entries(forgeries))
  await write(`epochs-${name}.outwitness`, epochLedger(forgery).bundle(), pin);
await write('epochs-newest-note-alone.outwitness', epochs.bundle({ notes: epochs.notes.slice(-1) }), pin);
epochs.write(join(folder, 'store-epochs'), { pageSize: 1024, version: 1 });
await expect('store-epochs', pin);
writeFileSync(join(folder, 'expected.json'), `${JSON.stringify(expected, undefined, 2)}\n`);
