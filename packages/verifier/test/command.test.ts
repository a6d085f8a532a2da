import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
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
  const child = spawn(process.execPath, [BIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
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
