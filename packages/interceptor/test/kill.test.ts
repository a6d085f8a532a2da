import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';

const folder = mkdtempSync(path.join(os.tmpdir(), 'outwitness-kill-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const extension = path.extname(import.meta.url);
const entry = pathToFileURL(path.join(import.meta.dirname, '..', 'src', `index${extension}`)).href;

/** Runs one line of an application under the watcher and kills it in the same tick; returns the records that were handed over before. */
function killedAfter(line: string): { kind: string; [name: string]: unknown }[] {
  const out = path.join(folder, 'records');
  writeFileSync(out, '');
  const script = `
    import { install } from ${JSON.stringify(entry)};
    import fs from 'node:fs'; import http from 'node:http'; import net from 'node:net'; import dns from 'node:dns';
    const fd = fs.openSync(${JSON.stringify(out)}, 'a');
    install({
      attributor: { capture: () => ({ basis: 'none' }) },
      redaction: { target: () => ({ path: '/', queryKeys: [], fingerprint: 'p.0' }), headerNames: (names) => [...names], localPath: (at) => at },
      sink: { intent: (record) => fs.writeSync(fd, JSON.stringify(record) + '\\n'), record: () => undefined },
    });
    ${line}
    process.kill(process.pid, 'SIGKILL');
  `;
  const child = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  assert.equal(child.signal, 'SIGKILL', child.stderr);
  return readFileSync(out, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((text) => JSON.parse(text) as { kind: string });
}

describe('killed in the tick of the call', () => {
  for (const [line, kinds] of [
    ["http.get('http://localhost:9/x');", ['open', 'conn']],
    ["http.get('http://127.0.0.1:9/x');", ['open']],
    ["fetch('http://127.0.0.1:90/x');", ['open']],
    ["net.connect(9, 'localhost');", ['conn']],
    ["net.connect('/tmp/no-such.sock');", ['conn']],
    ["dns.resolve4('x.invalid', () => {});", ['open']],
    ["dns.promises.lookup('x.invalid');", ['open']],
  ] as const) {
    it(`${line} left ${kinds.join(' and ')}`, () => {
      assert.deepEqual(
        killedAfter(line).map(({ kind }) => kind),
        kinds,
      );
    });
  }
});
