/** A request through a proxy is a row of where it goes, with the proxy beside it, whoever made the way through. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { auditedNodes, type NodeBinary } from '../../claims/system/node-binaries.ts';
import { audit, calls, type Row } from '../../claims/system/outwitness.ts';
import { temporaryFolder } from '../../claims/system/temporary-folder.ts';
import { selfSigned } from '../../packages/interceptor/test/certificate.ts';
import { installFolder } from '../../scripts/install-folder.mjs';
import { openProxy, type Proxy } from './proxy.ts';

const CLIENTS = join(import.meta.dirname, 'clients');
const SCRIPT = join(import.meta.dirname, 'fixtures/ways.mjs');

interface ProxiedRow extends Row {
  readonly proxy?: string;
  readonly status?: number;
}

interface Way {
  readonly way: string;
  readonly got: string;
}

const identity = selfSigned();

describe('through a proxy', { skip: identity === undefined && 'no openssl' }, () => {
  const plain = http.createServer((_req, res) => res.end('plain'));
  const secure = https.createServer({ ...identity }, (_req, res) => res.end('secure'));
  before(async () => {
    assert.ok(await installFolder(CLIENTS), 'the clients could not be installed');
    for (const server of [plain, secure]) {
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
    }
  });
  after(() => {
    for (const server of [plain, secure]) {
      server.closeAllConnections();
      server.close();
    }
  });

  /** Goes every way on one Node, each through a proxy of its own. */
  async function go(
    node: NodeBinary,
    environment: boolean,
    check: (way: Way, proxy: Proxy, rows: readonly ProxiedRow[]) => void,
  ): Promise<number> {
    using folder = temporaryFolder('proxies');
    const script = join(folder.path, 'ways.mjs');
    cpSync(SCRIPT, script);
    writeFileSync(join(folder.path, 'package.json'), '{"name":"goes-through","version":"1.0.0"}');
    const orders = { clients: CLIENTS, plain: port(plain), secure: port(secure) };
    const one = environment ? await openProxy() : undefined;
    const proxied = { HTTP_PROXY: `http://127.0.0.1:${one?.port}`, HTTPS_PROXY: `http://127.0.0.1:${one?.port}` };
    const env = one === undefined ? {} : { NODE_USE_ENV_PROXY: '1', ...proxied };
    const names = spawnSync(node.path, [script, JSON.stringify(orders)], { encoding: 'utf8', env }).stdout;
    const proxies: Record<string, Proxy> = {};
    for (const way of JSON.parse(names) as string[]) proxies[way] = one ?? (await openProxy());
    const ports = Object.fromEntries(Object.entries(proxies).map(([way, proxy]) => [way, proxy.port]));
    const data = join(folder.path, 'data');
    const told = JSON.stringify({ ...orders, proxies: ports });
    const { stdout } = await audit(data, [node.path, script, told], { cwd: folder.path, env });
    const rows = (await calls(data)) as ProxiedRow[];
    for (const proxy of Object.values(proxies)) proxy.close();
    const ways = stdout.split('\n').flatMap((line) => (line.startsWith('{"way"') ? [JSON.parse(line) as Way] : []));
    assert.deepEqual(
      ways.map(({ way }) => way),
      Object.keys(proxies),
    );
    for (const way of ways) {
      const proxy = proxies[way.way] as Proxy;
      const itself = `127.0.0.1:${proxy.port}`;
      check(
        way,
        proxy,
        rows.filter((row) => row.proxy === itself || `${row.host}:${row.port}` === itself),
      );
    }
    return ways.length;
  }

  /** One row for each answer: where it went, by which proxy, how it ended. */
  function beyond(rows: readonly ProxiedRow[]): string[] {
    return rows
      .filter(({ proxy, method }) => proxy !== undefined && method === 'GET')
      .map((row) => `${row.host}:${row.port} by ${row.proxy} ${row.outcome} ${row.status} ${ownerOf(row)}`)
      .toSorted();
  }

  /** Who makes the call later is named in its caller's place where nobody else can be, and shown as weak. */
  function ownerOf({ package: owner, basis }: Row): string | undefined {
    return basis === 'transport' && ['got', 'tunnel', 'global-agent'].includes(`${owner}`) ? 'goes-through' : owner;
  }

  function expected(got: string, proxy: Proxy): string[] {
    const end = `by 127.0.0.1:${proxy.port} ok 200 goes-through`;
    const went = /^(plain)?(secure)?$/.exec(got);
    assert.ok(went !== null && got !== '', got);
    return [
      ...(went[1] === undefined ? [] : [`plain.example:${port(plain)} ${end}`]),
      ...(went[2] === undefined ? [] : [`secure.example:${port(secure)} ${end}`]),
    ];
  }

  for (const node of auditedNodes()) {
    test(`${node.name}: every client and agent shows where it goes and the proxy, and no byte twice`, async () => {
      const tried = await go(node, false, ({ way, got }, proxy, rows) => {
        const went = expected(got, proxy);
        assert.deepEqual(beyond(rows), went, way);
        for (const row of rows) assert.equal(row.outcome, 'ok', `${way}: ${JSON.stringify(row)}`);
        // Within TLS the rows have the plain text.
        const [out, in_] = [sum(rows, 'bytesOut'), sum(rows, 'bytesIn')];
        if (!got.includes('secure')) assert.deepEqual([out, in_], [proxy.up, proxy.down], way);
        else
          assert.ok(
            out > 0 && out < proxy.up && in_ > 0 && in_ < proxy.down,
            `${way}: ${out} and ${in_} of ${proxy.up} and ${proxy.down}`,
          );
      });
      assert.ok(tried > 12, `${tried} ways`);
    });

    const [major = 0] = node.version.split('.').map(Number);
    const none = major < 24 && 'this Node does not know NODE_USE_ENV_PROXY';
    test(`${node.name}: by NODE_USE_ENV_PROXY`, { skip: none }, async () => {
      const all: string[] = [];
      let seen: string[] = [];
      await go(node, true, ({ got }, proxy, rows) => {
        all.push(...expected(got, proxy));
        seen = beyond(rows);
      });
      assert.deepEqual(seen, all.toSorted());
    });
  }

  function port(server: http.Server): number {
    return (server.address() as AddressInfo).port;
  }

  function sum(rows: readonly ProxiedRow[], field: 'bytesOut' | 'bytesIn'): number {
    return rows.reduce((total, row) => total + (row[field] ?? 0), 0);
  }
});
