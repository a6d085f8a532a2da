/** Makes a ledger, lets a test harm it, and says what the verifier found. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after } from 'node:test';

import {
  type Code,
  nodeCrypto,
  type PathOptions,
  type Result,
  type Verdict,
  verifyBundle,
  verifyPath,
} from '../src/index.ts';
import { type ReferenceLedger, sampleLedger, schemaOfThePage } from './reference-writer.ts';

const folder = mkdtempSync(join(tmpdir(), 'verifier-test-'));
after(() => rmSync(folder, { recursive: true, force: true }));
let counter = 0;

export function newFolder(): string {
  counter += 1;
  return join(folder, `${counter}`);
}

export function writeSample(ledger: ReferenceLedger = sampleLedger()): { dir: string; ledger: ReferenceLedger } {
  return { dir: ledger.write(newFolder()), ledger };
}

/** Judged a minute after the last row, with the right key pinned: what is found is the experiment's doing. */
export function defaults(ledger: ReferenceLedger, options: PathOptions = {}): PathOptions {
  return { pins: [ledger.vkey], now: ledger.time + 60_000_000, ...options };
}

/** Runs SQL on a store as an administrator would who knows about the triggers: dropped before, back in place after. */
export function tamper(dir: string, change: string | ((db: DatabaseSync) => void)): void {
  const db = new DatabaseSync(join(dir, 'ledger.db'));
  db.exec('PRAGMA ignore_check_constraints = ON');
  const triggers = schemaOfThePage().match(/CREATE TRIGGER[\s\S]*?END;/g) ?? [];
  for (const trigger of triggers) db.exec(`DROP TRIGGER ${trigger.split(/\s+/)[2]}`);
  if (typeof change === 'string') db.exec(change);
  else change(db);
  for (const trigger of triggers) db.exec(trigger);
  db.close();
}

export async function verifyDir(dir: string, ledger: ReferenceLedger, options: PathOptions = {}): Promise<Result> {
  return verifyPath(dir, defaults(ledger, options));
}

export async function verifyBytes(
  bytes: Uint8Array,
  ledger: ReferenceLedger,
  options: PathOptions = {},
): Promise<Result> {
  return verifyBundle([bytes], nodeCrypto, defaults(ledger, options));
}

/** Asserts the verdict and that each of these findings is there, as `code` or `code seq`. */
export function assertFound(result: Result, verdict: Verdict, ...expected: (Code | `${Code} ${number}`)[]): void {
  const found = result.findings.flatMap(({ code, seq }) => [code, `${code} ${seq}`]);
  const shown = JSON.stringify(result, undefined, 1);
  assert.equal(result.verdict, verdict, shown);
  for (const one of expected) assert.ok(found.includes(one), `${one} is not in ${shown}`);
}

/** Asserts that these codes were found and no other. */
export function assertOnly(result: Result, verdict: Verdict, ...codes: Code[]): void {
  assertFound(result, verdict, ...codes);
  assert.deepEqual([...new Set(result.findings.map(({ code }) => code))].toSorted(), codes.toSorted());
}
