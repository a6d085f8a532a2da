/** Holds the Python agent's writer and redaction against testdata/vectors, and both agents against each other on made-up records. */
import { spawnSync } from 'node:child_process';
import { isDeepStrictEqual } from 'node:util';
import { readFileSync, writeFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { encodeRecord, frameText, SpoolReader, START, type Unnumbered } from '@outwitness/spool';
import * as fc from 'fast-check';

import { Redaction } from '../../packages/agent/src/redaction/policy.ts';
import { unnumbered } from '../../packages/spool/test/records.ts';
import type { Checks } from '../output/checks.ts';
import { PYTHON_AGENT, pythonOrThrow } from '../system/python.ts';
import { temporaryFolder } from '../system/temporary-folder.ts';

const VECTORS = join(import.meta.dirname, '../../testdata/vectors');
const HOST = /^[a-z0-9-]{1,12}(?:\.[a-z0-9-]{1,12}){0,4}$/;
const SEED = 20_260_101;
/** What is hard to write down: surrogates alone, in pairs and swapped, ends of limits, controls, quotes. */
const HOSTILE = [
  '\ud800',
  '\udc00\ud800',
  '\ud83d\ude00',
  'a\ud83d',
  '\u0000\u001f\u007f\u0080\u009f',
  '"\\\n\r\t\b\f/',
  '\u2028\u2029\ufeff\ufffe\uffff\ufffd',
  ...[1022, 1023, 1024, 1025].flatMap((length) =>
    ['x', 'é', '€', '\ud83d\ude00'].map((end) => 'p'.repeat(length) + end),
  ),
  `${'p'.repeat(1023)}\ud83d`,
  '%zz%00%ff%F0%9F%98%80',
];

interface WriteCase {
  name: string;
  record: Unnumbered;
  n: number;
  frameBase64: string;
}

/** @param size how many records and texts are made up */
export function pythonVectors(checks: Checks, size: number): void {
  writtenVectors(checks);
  const records = madeUpRecords(size);
  sameBytes(checks, records);
  readByPython(checks, records);
  redactionVectors(checks);
  redactedAlike(checks, size);
}

function writtenVectors(checks: Checks): void {
  const { cases } = vectors('spool/write.json') as { cases: WriteCase[] };
  const program =
    'import sys,json,base64; from outwitness_agent.canonical import frame; print(json.dumps([base64.b64encode(frame(c["record"],c["n"])).decode() for c in json.load(sys.stdin)]))';
  const frames = JSON.parse(run(['-c', program], JSON.stringify(cases))) as string[];
  const same = cases.filter(({ frameBase64 }, i) => frames[i] === frameBase64).length;
  checks.equal('records of vectors/spool/write.json written byte for byte', same, cases.length);
}

function madeUpRecords(size: number): Unnumbered[] {
  const hostile = HOSTILE.map((text, i): Unnumbered => ({
    kind: 'open',
    time: i,
    call: i + 1,
    direction: 'out',
    channel: 'requests',
    host: text,
    path: text,
    queryKeys: [text, text],
    site: text,
    via: [text],
    cut: i % 2 === 0 ? ['scheme'] : [],
  }));
  // The first of them is a hello, as in every file.
  const written = (vectors('spool/write.json') as { cases: WriteCase[] }).cases.map(({ record }) => record);
  return [...written, ...hostile, ...fc.sample(unnumbered, { numRuns: size, seed: SEED })];
}

/** The same records through both writers; the file of Python is then read by the collector's reader. */
function sameBytes(checks: Checks, records: readonly Unnumbered[]): void {
  using folder = temporaryFolder('python-vectors');
  const { bytes, file } = writtenByPython(records, folder.path);
  const expected = Buffer.concat(records.map((record, n) => frameOf(record, n)));
  const at = bytes.findIndex((byte, i) => byte !== expected[i]);
  const differ = bytes.equals(expected)
    ? 'none'
    : `from byte ${at}: ${bytes.toString('utf8', Math.max(0, at - 80), at + 80)}`;
  checks.equal(
    `bytes of ${records.length} records, hostile ones among them, that differ from the TypeScript writer's`,
    differ,
    'none',
  );
  const read = new SpoolReader(folder.path).read(file, START, 1 << 27, true);
  checks.equal('of these, records read by the collector', read.records.length, records.length);
  checks.equal('damage found in them', read.damage.map(({ event }) => event).join(' ') || 'none', 'none');
}

/** The other way: what the TypeScript writer frames is read by a reader in Python that knows docs/formats/spool.md alone. */
function readByPython(checks: Checks, records: readonly Unnumbered[]): void {
  using folder = temporaryFolder('python-vectors');
  writeFileSync(
    join(folder.path, '1-0-abc-0123abcd.0.spool'),
    Buffer.concat(records.map((record, n) => frameOf(record, n))),
  );
  const program =
    'import sys,json; from spool_reader import records; found=records(sys.argv[1]); [r.pop("file") for r in found]; print(json.dumps(found))';
  const found = JSON.parse(run(['-c', program, folder.path], '')) as object[];
  const expected = records.map((record, n) => JSON.parse(encodeRecord(record, n).text) as object);
  const same = expected.filter((record, i) => isDeepStrictEqual(record, found[i])).length;
  checks.equal('records of the TypeScript writer read alike by Python', same, records.length);
}

interface Kept {
  target: unknown;
  headers: unknown;
  local: unknown;
  host: unknown;
}

function redactionVectors(checks: Checks): void {
  const { targets, headers, localPaths, hosts, key } = vectors('redaction.json') as {
    key: string;
    targets: Record<string, unknown>[];
    headers: Record<string, unknown>[];
    localPaths: Record<string, unknown>[];
    hosts: Record<string, unknown>[];
  };
  for (const mode of ['default', 'strict'] as const) {
    const kept = (text: unknown): object => ({ redact: { text, key, strict: mode === 'strict' } });
    const cases = [
      ...targets.map((one) => ['target', one['raw'], one[mode]] as const),
      ...localPaths.map((one) => ['local', one['path'], one[mode]] as const),
      ...hosts.map((one) => ['host', one['host'], one[mode]] as const),
      ...headers.flatMap((one) =>
        (one['names'] as string[]).length === 1 ? [['headers', (one['names'] as string[])[0], one[mode]] as const] : [],
      ),
    ];
    const answers = redactedByPython(cases.map(([, text]) => kept(text)));
    const same = cases.filter(([what, , wanted], i) => isDeepStrictEqual(answers[i]?.[what], wanted)).length;
    checks.equal(`texts of vectors/redaction.json redacted as they say, ${mode}`, same, cases.length);
  }
}

/** Made-up texts through both policies. */
function redactedAlike(checks: Checks, size: number): void {
  const part = fc.oneof(
    fc.stringMatching(/^[A-Za-z0-9._~@%:+=-]{0,40}$/),
    fc.constantFrom('orders', 'api', 'v2', 'Users', 'home', '4711', 'deadbeef01', ...HOSTILE),
    fc.string({ unit: 'binary', maxLength: 20 }),
  );
  const text = fc.array(fc.tuple(fc.constantFrom('/', '?', '&', '=', '#', '.', '-', '@', '://', ''), part), {
    maxLength: 8,
  });
  const texts = [
    ...fc.sample(text, { numRuns: size, seed: SEED }).map((parts) => parts.flat().join('')),
    ...fc.sample(fc.stringMatching(HOST), { numRuns: size / 4, seed: SEED }),
  ];
  const key = 'ab'.repeat(32);
  for (const strict of [false, true]) {
    const policy = new Redaction({ strict, key: { bytes: Buffer.from(key, 'hex'), own: false } });
    const answers = redactedByPython(texts.map((one) => ({ redact: { text: one, key, strict } })));
    const different = texts.filter((one, i) => {
      const target = { method: 'GET', scheme: 'https', host: 'api.vendor.test', port: 443, rawPath: one };
      const expected: Kept = {
        target: { ...policy.target(target) },
        headers: policy.headerNames([one]),
        local: policy.localPath(one),
        host: isHost(one) ? policy.hostName(one) : answers[i]?.host,
      };
      return !isDeepStrictEqual(answers[i], expected);
    });
    const [first] = different;
    if (first !== undefined) process.stderr.write(`The first of them: ${JSON.stringify(first.slice(0, 200))}\n`);
    const what = `made-up texts that the two agents redact differently, ${strict ? 'strict' : 'default'}`;
    checks.equal(`${what} (of ${texts.length})`, different.length, 0);
  }
}

/** What else may stand for a host is masked before the policy of the Node agent is asked. */
function isHost(text: string): boolean {
  return HOST.test(text);
}

function frameOf(record: Unnumbered, n: number): Buffer {
  const { text, bytes } = encodeRecord(record, n);
  return Buffer.from(frameText(text, bytes));
}

function writtenByPython(records: readonly Unnumbered[], directory: string): { bytes: Buffer; file: string } {
  run([join(PYTHON_AGENT, 'test/write_records.py'), directory], lines(records));
  const [file] = readdirSync(directory);
  if (file === undefined) throw new Error('Python wrote no file');
  return { bytes: readFileSync(join(directory, file)), file };
}

function redactedByPython(asked: readonly object[]): Kept[] {
  return run([join(PYTHON_AGENT, 'test/write_records.py')], lines(asked))
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Kept);
}

function lines(values: readonly unknown[]): string {
  return values.map((value) => JSON.stringify(value)).join('\n');
}

function run(args: readonly string[], input: string): string {
  const { status, stdout, stderr } = spawnSync(pythonOrThrow(), args, {
    input,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { ...process.env, PYTHONPATH: `${PYTHON_AGENT}:${join(PYTHON_AGENT, 'test')}`, PYTHONDONTWRITEBYTECODE: '1' },
  });
  if (status !== 0) throw new Error(`Python ended with ${status}, expected 0:\n${stderr.slice(-4000)}`);
  return stdout;
}

function vectors(name: string): unknown {
  return JSON.parse(readFileSync(join(VECTORS, name), 'utf8'));
}
