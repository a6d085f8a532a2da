import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';

const packages = path.join(import.meta.dirname, '..', '..');
/** npm run without the variables that npm itself set for this test run. */
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.toLowerCase().startsWith('npm_')));

/** A whole host, ports included. */
const HOST = `
  import { install } from '@outwitness/interceptor';
  import http from 'node:http';

  const records = [];
  const keep = (record) => {
    records.push(record);
  };
  install({
    attributor: { capture: () => ({ basis: 'none' }) },
    redaction: {
      target: ({ rawPath }) => ({ path: rawPath.split('?')[0], queryKeys: [], fingerprint: '' }),
      headerNames: (names) => names.map((name) => name.toLowerCase()),
      localPath: (where) => where,
    },
    sink: { intent: keep, record: keep },
  });
  const server = http.createServer((req, res) => res.end('captured')).listen(0, '127.0.0.1', () => {
    http.get({ host: '127.0.0.1', port: server.address().port, path: '/alone?secret=1' }, (res) => res.resume().on('close', said));
  });
  const said = () => setTimeout(() => process.exit(console.log(JSON.stringify(records))), 100);
`;

describe('alone in an empty folder', () => {
  it('the packed interceptor and event capture a call with a host of twenty lines', { timeout: 120_000 }, () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'outwitness-alone-'));
    try {
      const tarballs = ['event', 'interceptor'].map((name) => {
        const packed = execFileSync('npm', ['pack', '--json', '--pack-destination', folder], {
          cwd: path.join(packages, name),
          env,
          encoding: 'utf8',
          stdio: ['ignore', 'pipe', 'ignore'],
        });
        const said: unknown = JSON.parse(packed);
        const [first] = Array.isArray(said) ? said : Object.values(said as object);
        return path.join(folder, (first as { filename: string }).filename);
      });
      writeFileSync(
        path.join(folder, 'package.json'),
        '{"name":"alone","version":"1.0.0","private":true,"type":"module"}',
      );
      writeFileSync(path.join(folder, 'host.js'), HOST);
      execFileSync('npm', ['install', '--offline', '--no-audit', '--no-fund', ...tarballs], {
        cwd: folder,
        env,
        stdio: 'ignore',
      });
      const said = execFileSync(process.execPath, ['host.js'], { cwd: folder, encoding: 'utf8', env });
      const records = JSON.parse(said) as {
        kind: string;
        direction?: string;
        host?: string;
        path?: string;
        outcome?: string;
        status?: number;
      }[];
      const open = records.find(({ kind, direction }) => kind === 'open' && direction === 'out');
      assert.equal(open?.host, '127.0.0.1');
      assert.equal(open?.path, '/alone');
      assert.ok(records.some(({ kind, outcome, status }) => kind === 'done' && outcome === 'ok' && status === 200));
      assert.ok(!said.includes('secret'));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
