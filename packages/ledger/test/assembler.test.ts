import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { BYE, claim, closed, conn, done, Feed, HELLO, open, SECOND, START } from './support/records.ts';

const fed = (...records: object[]): Feed => new Feed().drain([HELLO, ...records]);

describe('a call', () => {
  test('becomes one row when it is done, with the time and number of its open record', () => {
    const feed = fed(open(1, { package: 'axios' }), done(1, { status: 204, bytesOut: 3 }));
    assert.deepEqual(feed.of('phase', 'outcome', 'status', 'bytesOut', 'package', 'time', 'spoolSeq', 'call'), [
      ['whole', 'ok', 204, 3, 'axios', START + 1, 1, 1],
    ]);
    assert.equal(feed.assembler.pending.size, 0);
  });

  test('takes addresses and TLS facts from its last connection where it does not say them itself', () => {
    const first = conn(1, { for: 1, peerAddress: '10.0.0.1' });
    const second = conn(2, { for: 1, peerAddress: '10.0.0.2', localPort: 5, sni: 'example.org' });
    const feed = fed(open(1), first, second, done(1, { localPort: 9 }));
    assert.deepEqual(feed.of('peerAddress', 'localPort', 'sni', 'conn'), [['10.0.0.2', 9, 'example.org', 2]]);
  });

  test('that came in is put down to whom its end names, and nothing of its begin is left of that; one that went out keeps its own', () => {
    const before = { package: 'app', packageVersion: '9.9.9', site: 'app.js:1:1', chain: ['app'], basis: 'stack' };
    const after = { package: 'routes', site: 'index.js:2:2', chain: ['routes'], basis: 'host' };
    const pkg = (name: string, more: object): object => ({ kind: 'pkg', package: name, ...more });
    const feed = fed(
      pkg('app', { packageVersion: '9.9.9', packageAuthor: 'A' }),
      open(1, { ...before, direction: 'in' }),
      open(2, before),
      open(3, { ...before, direction: 'in' }),
      pkg('routes', { packageAuthor: 'R' }),
      done(1, after),
      done(2, after),
      done(3),
    );
    assert.deepEqual(feed.of('package', 'packageVersion', 'packageAuthor', 'site', 'basis', 'call'), [
      ['routes', undefined, 'R', 'index.js:2:2', 'host', 1],
      ['app', '9.9.9', 'A', 'app.js:1:1', 'stack', 2],
      ['app', '9.9.9', 'A', 'app.js:1:1', 'stack', 3],
    ]);
  });

  test('keeps the connection facts when the connection ends first', () => {
    const feed = fed(open(1), conn(1, { for: 1 }), closed(1, { tls: 'TLSv1.3' }), done(1));
    assert.deepEqual(feed.of('tls', 'phase'), [['TLSv1.3', 'whole']]);
  });

  test('gets a row of phase open after 30 s and another at its end', () => {
    const feed = fed(open(1)).later(29 * SECOND);
    assert.equal(feed.net.length, 0);
    feed.later(2 * SECOND);
    assert.deepEqual(feed.of('phase', 'outcome'), [['open', undefined]]);
    feed.later(60 * SECOND).drain([done(1)]);
    assert.deepEqual(feed.of('phase', 'outcome', 'time'), [
      ['open', undefined, START + 1],
      ['end', 'ok', START + 1],
    ]);
  });

  test('whose clock is ahead gets its open row never earlier than 30 s after its time', () => {
    const feed = fed(open(1, { time: START + 10 * SECOND })).later(35 * SECOND);
    assert.equal(feed.net.length, 0);
    assert.equal(feed.later(6 * SECOND).net.length, 1);
  });

  test('carries skew when it was drained more than 10 minutes after its time', () => {
    const feed = fed(
      open(1, { time: START - 601 * SECOND }),
      done(1),
      open(2, { time: START - 600 * SECOND }),
      done(2),
    );
    assert.deepEqual(feed.of('skew'), [[601 * SECOND], [undefined]]);
  });

  test('is attributed to the author that its package record named', () => {
    const feed = fed(
      { kind: 'pkg', package: 'axios', packageVersion: '1.0.0', packageAuthor: 'Matt' },
      open(1, { package: 'axios', packageVersion: '1.0.0' }),
    );
    feed.restart().drain([done(1), open(2, { package: 'axios', packageVersion: '2.0.0' }), done(2)]);
    assert.deepEqual(feed.of('packageAuthor'), [['Matt'], [undefined]]);
  });
});

describe('a connection', () => {
  test('made for a call or claimed by one makes no row when its calls account for its bytes', () => {
    const a = fed(
      open(1),
      conn(1, { for: 1 }),
      done(1, { bytesOut: 10, bytesIn: 20 }),
      closed(1, { bytesOut: 10, bytesIn: 20 }),
    );
    assert.deepEqual(a.of('call'), [[1]]);
    const b = fed(
      conn(1, { by: 'http' }),
      open(1, { conn: 1 }),
      done(1, { bytesOut: 4 }),
      open(2),
      claim(2, 1),
      done(2, { bytesOut: 6 }),
      closed(1, { bytesOut: 10 }),
    );
    assert.deepEqual(b.of('call'), [[1], [2]]);
  });

  test('gets a row with the bytes that no claim accounts for', () => {
    const feed = fed(
      conn(1, { by: 'http', package: 'got', channel: 'tls' }),
      open(1, { conn: 1 }),
      done(1, { bytesOut: 4, bytesIn: 9 }),
    );
    feed.restart().drain([closed(1, { outcome: 'error', bytesOut: 10, bytesIn: 9 })]);
    assert.deepEqual(feed.of('call', 'conn', 'channel', 'phase', 'outcome', 'bytesOut', 'bytesIn', 'package').at(-1), [
      undefined,
      1,
      'tls',
      'whole',
      'ok',
      6,
      0,
      'got',
    ]);
    assert.equal(feed.assembler.pending.size, 0);
  });

  test('that ends before its call is settled when the call has ended', () => {
    const feed = fed(open(1), conn(1, { for: 1 }), closed(1, { bytesOut: 10 }));
    assert.equal(feed.net.length, 0);
    feed.restart().drain([done(1, { bytesOut: 7 })]);
    assert.deepEqual(feed.of('call', 'bytesOut'), [
      [1, 7],
      [undefined, 3],
    ]);
  });

  test('with an unclaimed owner becomes a row at its end, or open after 30 s', () => {
    assert.deepEqual(fed(conn(1, { by: 'undici' }), closed(1, { outcome: 'refused' })).of('conn', 'phase', 'outcome'), [
      [1, 'whole', 'refused'],
    ]);
    const feed = fed(conn(1, { by: 'http' })).later(31 * SECOND);
    assert.deepEqual(feed.of('conn', 'phase'), [[1, 'open']]);
    feed.drain([closed(1)]);
    assert.deepEqual(feed.of('conn', 'phase'), [
      [1, 'open'],
      [1, 'end'],
    ]);
  });

  test('claimed after its open row gets no end row', () => {
    const feed = fed(conn(1, { by: 'http' }))
      .later(31 * SECOND)
      .drain([open(1, { conn: 1 }), done(1, { bytesOut: 5 }), closed(1, { bytesOut: 5 })]);
    assert.deepEqual(feed.of('call', 'phase'), [
      [undefined, 'open'],
      [1, 'whole'],
    ]);
  });

  test('of its own (raw) becomes a row at its end, or one at 30 s and one at the end', () => {
    assert.deepEqual(fed(conn(1, { by: 'raw' }), closed(1)).of('phase'), [['whole']]);
    assert.deepEqual(
      fed(conn(1, { by: 'raw' }))
        .later(31 * SECOND)
        .restart()
        .drain([closed(1)])
        .of('phase'),
      [['open'], ['end']],
    );
  });

  test('for a call that never was counts as raw, so that it cannot hide', () => {
    const feed = fed(conn(1, { for: 77 })).later(31 * SECOND);
    assert.deepEqual(feed.of('conn', 'phase'), [[1, 'open']]);
  });

  test('for a call that has ended is no row of its own but its bytes are', () => {
    const feed = fed(open(1), done(1), conn(1, { for: 1 }), closed(1, { bytesOut: 5 }));
    assert.deepEqual(feed.of('call', 'bytesOut'), [
      [1, undefined],
      [undefined, 5],
    ]);
  });
});

describe('when the writer is gone', () => {
  test('open calls are lost, without bytes, and a gap says killed', () => {
    const feed = fed(open(1), conn(1, { for: 1 }), open(2), conn(2, { by: 'raw' }))
      .restart()
      .gone();
    assert.deepEqual(feed.of('call', 'conn', 'phase', 'outcome', 'bytesOut'), [
      [1, 1, 'whole', 'lost', undefined],
      [2, undefined, 'whole', 'lost', undefined],
      [undefined, 2, 'whole', 'lost', undefined],
    ]);
    assert.deepEqual(feed.events('gap'), ['killed']);
    assert.deepEqual([feed.assembler.pending.size, feed.assembler.writers.size], [0, 0]);
  });

  test('after a bye they are aborted, and there is no gap', () => {
    const feed = fed(open(1), BYE).gone();
    assert.deepEqual(feed.of('outcome'), [['aborted']]);
    assert.deepEqual(feed.events('gap'), []);
    assert.deepEqual(feed.events('control'), ['hello', 'bye']);
  });

  test('a rotation ends nothing', () => {
    const feed = fed(open(1), { ...BYE, reason: 'rotate' });
    feed.drain([{ ...HELLO, segment: 1 }, done(1)]);
    assert.deepEqual(feed.of('outcome'), [['ok']]);
    assert.deepEqual(feed.events('control'), ['hello']);
  });

  test('an unclaimed connection goes to the oldest bare call with its host and port', () => {
    const feed = fed(
      open(1, { port: 80 }),
      open(2),
      open(3),
      conn(1, { by: 'http', peerAddress: '10.0.0.9' }),
      conn(2, { by: 'http', host: 'other' }),
    ).gone();
    assert.deepEqual(feed.of('call', 'conn', 'peerAddress'), [
      [1, undefined, undefined],
      [2, 1, '10.0.0.9'],
      [3, undefined, undefined],
      [undefined, 2, undefined],
    ]);
  });

  test('a call in phase open ends as lost', () => {
    assert.deepEqual(
      fed(open(1))
        .later(31 * SECOND)
        .gone()
        .of('phase', 'outcome'),
      [
        ['open', undefined],
        ['end', 'lost'],
      ],
    );
  });

  test('a call of an exit handler is known to the writer, and the writer is forgotten a minute later', () => {
    const feed = fed(open(1), done(1), BYE).drain([{ ...HELLO, segment: 1 }, open(1), open(2), BYE]);
    assert.deepEqual(feed.of('call', 'outcome'), [
      [1, 'ok'],
      [2, 'aborted'],
    ]);
    assert.deepEqual(feed.later(61 * SECOND).events('gap'), ['incomplete-call']);
    assert.equal(feed.assembler.writers.size, 0);
  });
});

describe('records that cannot be believed', () => {
  test('second opens, second dones and unknown numbers are dropped and told once', () => {
    const feed = fed(open(1), open(1), done(1), done(1), open(1), claim(9, 9), closed(5), {
      kind: 'beat',
      records: 8,
      faults: 0,
    });
    assert.equal(feed.net.length, 1);
    const [gap] = feed.rows.filter((row) => row['kind'] === 'gap');
    assert.deepEqual([gap?.['event'], gap?.['count'], gap?.['missing']], ['incomplete-call', 5, 0]);
    assert.deepEqual(feed.drain([{ kind: 'beat', records: 9, faults: 0 }]).events('gap'), ['incomplete-call']);
  });

  test('are cut to the limits, with the names in cut', () => {
    const feed = fed(
      open(1, { host: 'h'.repeat(300), port: 70_000, fingerprint: 'x', path: 'a\u0000b' }),
      done(1, { bytesOut: 2 ** 50, certSha256: 'ZZ' }),
    );
    const [row] = feed.net;
    assert.equal(String(row?.['host']).length, 253);
    assert.equal(row?.['path'], 'a\ufffdb');
    assert.equal(row?.['bytesOut'], 2 ** 40 - 1);
    assert.deepEqual(row?.['cut'], ['bytesOut', 'certSha256', 'fingerprint', 'host', 'port']);
    for (const name of ['port', 'fingerprint', 'certSha256']) assert.equal(row?.[name], undefined);
  });

  test('without a hello make rows all the same', () => {
    const feed = new Feed().drain([open(1), done(1)]);
    assert.deepEqual(feed.of('app', 'pid', 'thread'), [['(unknown)', 100, 0]]);
  });
});

describe('other records', () => {
  test('hello, late modules, settings and bye become control rows with the owner of the file', () => {
    const settings = { kind: 'settings', generation: 2, enabled: true, strict: false, disabled: ['udp'] };
    const feed = new Feed().drain([{ ...HELLO, late: ['axios'], digest: 'no hex' }, settings, BYE]);
    assert.deepEqual(feed.events('control'), ['hello', 'late-load', 'settings', 'bye']);
    const [hello, late, set] = feed.rows;
    assert.deepEqual(
      [hello?.['actor'], hello?.['owner'], hello?.['runtime'], hello?.['digest']],
      ['agent', 1001, 'node/24.21.0', undefined],
    );
    assert.deepEqual(late?.['late'], ['axios']);
    assert.deepEqual([set?.['generation'], set?.['enabled'], set?.['disabled']], [2, true, ['udp']]);
  });

  test('gaps and hooks become rows; faults are told as differences', () => {
    const gap = { kind: 'gap', event: 'budget', text: 'no room', missing: 2 ** 52, count: 3 };
    const hook = { kind: 'hook', event: 'changed', text: 'TCP.connect' };
    const beat = (faults: number): object => ({ kind: 'beat', records: 1, faults });
    const feed = fed(gap, hook, beat(2), beat(2), { ...BYE, faults: 5 });
    assert.deepEqual(feed.events('gap'), ['budget', 'fault', 'fault']);
    assert.deepEqual(
      feed.rows.filter((row) => row['event'] === 'fault').map((row) => row['count']),
      [2, 3],
    );
    assert.equal(feed.rows.find((row) => row['event'] === 'budget')?.['missing'], 1_000_000_000);
    assert.deepEqual(feed.events('hook'), ['changed']);
  });

  test('damage of the file becomes gap rows of the collector', () => {
    const feed = new Feed().drain([HELLO], { damage: [{ event: 'damaged', missing: 4, count: 1 }] });
    const [gap] = feed.rows.filter((row) => row['kind'] === 'gap');
    assert.deepEqual([gap?.['event'], gap?.['missing'], gap?.['time']], ['damaged', 4, START]);
  });

  test('silence is told once until something comes again', () => {
    const feed = fed().silent().silent().restart().silent();
    assert.deepEqual(feed.events('gap'), ['silent']);
    feed.drain([{ kind: 'beat', records: 1, faults: 0 }]).silent();
    assert.deepEqual(feed.events('gap'), ['silent', 'silent']);
  });
});
