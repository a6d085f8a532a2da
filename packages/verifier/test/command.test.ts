import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';

import type { Result } from '../src/index.ts';
import { newFolder, writeSample } from './experiment.ts';
import { ReferenceLedger } from './reference-writer.ts';

const BIN = fileURLToPath(new URL('../bin/outwitness-verify.js', import.meta.url));

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  return runIn(process.cwd(), ...args);
}

async function runIn(cwd: string, ...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const child = spawn(process.execPath, [BIN, ...args], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code: code as number, out, err };
}

it('prints verdict, findings and what was not checked, and nothing else', async () => {
  const { dir, ledger } = writeSample();
  const { code, out, err } = await run(dir, '--now', new Date(ledger.time / 1000).toISOString());
  assert.equal(code, 10);
  assert.match(
    out,
    /^UNANCHORED: rows 0 to 16 of 16, local\/outwitness\/[0-9a-f]{32}\n {2}UNANCHORED unanchored: .*\nNot checked:\n/,
  );
  assert.equal(err, '');
});

it('prints the result object with --json and exits with its exit', async () => {
  const { dir, ledger } = writeSample();
  const pin = join(dir, 'pin');
  writeFileSync(pin, `${ledger.vkey}\n`);
  for (const given of [pin, ledger.vkey]) {
    const { code, out } = await run(dir, '--json', '--pin', given, '--now', new Date(ledger.time / 1000).toISOString());
    const result = JSON.parse(out) as Result;
    assert.deepEqual([code, result.exit, result.verdict, result.schemaVersion], [0, 0, 'VERIFIED', 1]);
  }
});

it('judges bundles and proofs by their content, whatever their name', async () => {
  const { dir, ledger } = writeSample();
  writeFileSync(join(dir, 'a'), ledger.bundle());
  writeFileSync(join(dir, 'b'), ledger.proof(3));
  assert.equal((await run(join(dir, 'a'), '--pin', ledger.vkey)).code, 0);
  assert.equal((await run(join(dir, 'b'), '--pin', ledger.vkey)).code, 12);
});

it('exits with 64 for a wrong command line', async () => {
  const { dir } = writeSample();
  for (const args of [
    [],
    [dir, dir],
    [dir, '--pin', 'nothing'],
    [dir, '--now', 'tomorrow'],
    [dir, '--newest', '0'],
    [dir, '--what'],
  ]) {
    const { code, out, err } = await run(...args);
    assert.deepEqual([code, out], [64, '']);
    assert.match(err, /Usage: outwitness-verify PATH/);
  }
});

/** Frozen statements: `one` goes on in `longer`, and otherwise in `other`. */
const VIEWS = fileURLToPath(new URL('../../../testdata/vectors/split-view/', import.meta.url));
const PIN = (JSON.parse(readFileSync(join(VIEWS, 'expected.json'), 'utf8')) as { pairs: { pins: string[] }[] })
  .pairs[1]!.pins[0]!;
const view = (name: string): string => join(VIEWS, name);

it('says how two statements relate, and exits by it', async () => {
  for (const [a, b, code, said] of [
    ['one.note', 'one.outwitness', 0, /^same: both say the same \(13 and 13 rows, local\//],
    ['longer.outwitness', 'one.note', 0, /^prefix: the newer one goes on from the older one, proven/],
    ['one.note', 'longer.note', 12, /^unproven: nothing contradicts.*\n {2}INCOMPLETE subset/],
    ['one.note', 'elsewhere.note', 30, /^unverifiable: they cannot be compared.*\n {2}UNVERIFIABLE unreadable/],
  ] as const) {
    const { code: exit, out, err } = await run('--compare', view(a), view(b), '--pin', PIN);
    assert.deepEqual([exit, err], [code, ''], out);
    assert.match(out, said);
  }
});

it('writes the evidence of a split view where --out says, for others to check', async () => {
  const { dir } = writeSample();
  const file = join(dir, 'evidence.txt');
  const pair = ['--compare', view('longer.note'), view('other.note'), '--pin', PIN];
  const { code, out, err } = await run(...pair, '--out', file);
  assert.deepEqual([code, err], [20, '']);
  assert.match(
    out,
    /^split-view: SPLIT VIEW: the log key signed two histories.*\nEvidence for others, .*evidence\.txt\n/,
  );
  assert.equal((await run(file, '--pin', PIN)).code, 20);
  // Two notes alone: without a pin nothing ties their key to the record.
  assert.equal((await run(file)).code, 30);

  const json = await run(...pair, '--json', '--out', join(dir, 'other.txt'));
  const said = JSON.parse(json.out) as { relation: string; evidence: string; exit: number };
  assert.deepEqual(
    [said.relation, said.evidence, said.exit, json.code],
    ['split-view', join(dir, 'other.txt'), 20, 20],
  );
  assert.equal(readFileSync(join(dir, 'other.txt'), 'utf8'), readFileSync(file, 'utf8'));
});

it('names the evidence itself without --out, in the folder that it runs in', async () => {
  const { dir } = writeSample();
  const { code, out } = await runIn(dir, '--compare', view('longer.note'), view('other.note'), '--pin', PIN);
  const [, name = ''] = /check it with outwitness verify: (split-view-[0-9a-f]{8}-21-21\.txt)\n/.exec(out) ?? [];
  assert.equal(code, 20, out);
  assert.equal((await run(join(dir, name), '--pin', PIN)).code, 20);
});

it('never writes over a file, and says why there is no evidence', async () => {
  const { dir } = writeSample();
  const taken = join(dir, 'taken');
  writeFileSync(taken, 'mine');
  for (const [out, why] of [
    [taken, /EEXIST/],
    [dir, /EEXIST|EISDIR/],
    [join(dir, 'no/such/folder'), /ENOENT/],
  ] as const) {
    const pair = ['--compare', view('longer.note'), view('other.note'), '--pin', PIN];
    const { code, out: said, err } = await run(...pair, '--json', '--out', out);
    assert.equal(code, 20);
    assert.match(err, /^outwitness-verify: the evidence is not written: /);
    assert.match(err, why);
    const { relation, evidence } = JSON.parse(said) as { relation: string; evidence: string };
    assert.deepEqual([relation, evidence], ['split-view', '']);
  }
  assert.equal(readFileSync(taken, 'utf8'), 'mine');
});

it('exits with 64 where there are not two statements to compare', async () => {
  const { dir } = writeSample();
  writeFileSync(join(dir, 'text'), 'neither\n');
  writeFileSync(join(dir, 'no-pin'), 'what I know\n');
  const one = view('one.note');
  for (const [args, why] of [
    [['--compare', one], /Expected two files, got 1/],
    [['--compare', one, one, one], /Expected two files, got 3/],
    [['--compare', one, join(dir, 'nothing')], /nothing is no regular file/],
    [['--compare', one, dir], /is no regular file/],
    [['--compare', one, join(dir, 'text')], /neither a checkpoint nor a bundle/],
    [['--compare', one, join(dir, 'ledger.db')], /neither a checkpoint nor a bundle/],
    [['--compare', one, one, '--pin', join(dir, 'no-pin')], /A pin is neither a verifier key line nor a note/],
    [['--compare', one, view('one.outwitness'), '--pin', join(dir, 'no-pin')], /A pin is neither/],
    [[one, '--out', join(dir, 'out')], /--out is only for --compare/],
  ] as const) {
    const { code, out, err } = await run(...args);
    assert.deepEqual([code, out], [64, ''], err);
    assert.match(err, why);
    assert.match(err, /\nUsage: outwitness-verify PATH/);
  }
});

it('exits with 30 for what is not there', async () => {
  assert.equal((await run(newFolder())).code, 30);
});

it('lets no control character of the evidence reach the terminal', async () => {
  const ledger = new ReferenceLedger();
  ledger.row({ kind: 'gap', event: 'torn', text: 'red \u001B[31m and \u202E back', missing: 1, count: 1 });
  ledger.seal();
  const { out } = await run(writeSample(ledger).dir);
  assert.match(out, /red .\[31m and . back/);
  // eslint-disable-next-line no-control-regex -- this is what is looked for
  assert.doesNotMatch(out, /[\0-\x09\x0b-\x1f\u202E]/);
});

it('ends within a second of SIGINT with 130 and leaves no copy behind', async () => {
  const ledger = new ReferenceLedger();
  for (let i = 0; i < 100; i += 1) ledger.net();
  ledger.seal();
  const dir = ledger.write(newFolder(), { wal: true });
  // Of its own: what another verifier copies beside it must not look like its copy.
  const temporary = newFolder();
  mkdirSync(temporary, { recursive: true });
  const copies = (): string[] => readdirSync(temporary);
  const child = spawn(process.execPath, ['--import', slowClock(dir), BIN, dir], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, TMPDIR: temporary },
  });
  while (copies().length === 0 && child.exitCode === null) await new Promise((done) => setTimeout(done, 5));
  const sent = Date.now();
  child.kill('SIGINT');
  const [code] = (await once(child, 'close')) as [number];
  assert.ok(Date.now() - sent < 1000);
  assert.equal(code, 130);
  assert.deepEqual(copies(), []);
});

/** Makes each slice of rows last, so that a small store takes as long as a large one. */
function slowClock(dir: string): string {
  const path = join(dir, 'slow.mjs');
  writeFileSync(
    path,
    `import timers from 'node:timers/promises';
     import { syncBuiltinESMExports } from 'node:module';
     timers.setImmediate = () => new Promise((done) => setTimeout(done, 30_000));
     syncBuiltinESMExports();`,
  );
  return path;
}
