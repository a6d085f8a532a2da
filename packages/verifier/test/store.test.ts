import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';

import { assertFound, assertOnly, newFolder, tamper, verifyDir, writeSample } from './experiment.ts';
import { canonical, logLine, type Members, ReferenceLedger, rowHash, sampleLedger, T0 } from './reference-writer.ts';

function changeLeaf(dir: string, seq: number, change: (leaf: string) => string, rehash = false): void {
  tamper(dir, (db) => {
    const leaf = change(String(db.prepare('SELECT leaf FROM rows WHERE seq = ?').get(seq)?.['leaf']));
    db.prepare('UPDATE rows SET leaf = ? WHERE seq = ?').run(leaf, seq);
    if (rehash) db.prepare('UPDATE rows SET row_hash = ? WHERE seq = ?').run(rowHash(leaf), seq);
  });
}

/** Every member of a leaf as a new leaf. */
const edit = (leaf: string, members: Members): string => canonical({ ...(JSON.parse(leaf) as Members), ...members });

describe('an honest store', () => {
  it('is VERIFIED with the pinned log key and UNANCHORED without', async () => {
    const { dir, ledger } = writeSample();
    assertOnly(await verifyDir(dir, ledger), 'VERIFIED');
    assertOnly(await verifyDir(dir, ledger, { pins: [] }), 'UNANCHORED', 'unanchored');
    const result = await verifyDir(dir, ledger);
    assert.deepEqual(
      [result.schemaVersion, result.exit, result.size, result.range, result.origin, result.pinned],
      [1, 0, ledger.leaves.length, [0, ledger.leaves.length], ledger.origin, true],
    );
  });

  it('is verified by the path of its ledger.db too', async () => {
    const { dir, ledger } = writeSample();
    assertOnly(await verifyDir(join(dir, 'ledger.db'), ledger), 'VERIFIED');
  });

  it('is verified over more than one node and slice', async () => {
    const { dir, ledger } = writeSample(longLedger());
    assertOnly(await verifyDir(dir, ledger), 'VERIFIED');
    assert.ok(ledger.leaves.length > 900);
  });

  it('lists that app and collector had the same uid', async () => {
    const ledger = sampleLedger();
    ledger.uids = ['app=1000', 'collector=1000'];
    ledger.seal();
    const { dir } = writeSample(ledger);
    const { notChecked } = await verifyDir(dir, ledger);
    assert.ok(notChecked.some((text) => text.includes('could not reach the key')));
  });

  it('stays as it is, byte for byte and to its times, with and without a -wal', async () => {
    for (const wal of [false, true]) {
      const ledger = sampleLedger();
      const dir = ledger.write(newFolder(), { wal });
      const before = photograph(dir);
      assertOnly(await verifyDir(dir, ledger), 'VERIFIED');
      assert.deepEqual(photograph(dir), before);
      assert.equal(before.length, wal ? 3 : 2);
    }
  });

  it('is verified while its writer holds it and goes on writing', async () => {
    const ledger = sampleLedger();
    const dir = ledger.write(newFolder(), { wal: true });
    const lock = new DatabaseSync(join(dir, 'lock.db'));
    lock.exec('BEGIN EXCLUSIVE');
    const locked = readFileSync(join(dir, 'lock.db'));
    const size = ledger.leaves.length;
    const writer = new DatabaseSync(join(dir, 'ledger.db'));
    let grown = false;
    const result = await verifyDir(dir, ledger, {
      onProgress: () => {
        if (grown) return;
        grown = true;
        ledger.net();
        ledger.seal();
        ledger.writeInto(writer, size);
      },
    });
    assertOnly(result, 'VERIFIED');
    assert.equal(result.size, ledger.leaves.length);
    assert.deepEqual(readFileSync(join(dir, 'lock.db')), locked);
    writer.close();
    lock.close();
  });
});

function longLedger(): ReferenceLedger {
  const ledger = new ReferenceLedger();
  for (let batch = 0; batch < 9; batch += 1) {
    for (let i = 0; i < 100; i += 1) {
      if (i % 5 > 0) ledger.net({ phase: i % 2 === 0 ? 'whole' : 'end', outcome: i % 3 === 0 ? 'ok' : 'error' });
      else ledger.row({ ...netWithoutOutcome(ledger), phase: 'open' });
    }
    ledger.seal();
  }
  return ledger;
}

function netWithoutOutcome(ledger: ReferenceLedger): Members {
  const scratch = new ReferenceLedger();
  scratch.net({ call: ledger.leaves.length });
  return without(scratch.leaves[1]!, 'outcome', ...CHAINED, 'salt', 'time');
}

const CHAINED = ['v', 'ledger', 'seq', 'prev'];

function without(leaf: string, ...names: string[]): Members {
  return Object.fromEntries(Object.entries(JSON.parse(leaf) as Members).filter(([name]) => !names.includes(name)));
}

function photograph(dir: string): string[] {
  return readdirSync(dir)
    .toSorted()
    .filter((name) => !name.endsWith('-shm'))
    .map((name) => {
      const { mtimeNs, size } = statSync(join(dir, name), { bigint: true });
      return `${name} ${mtimeNs} ${size} ${createHash('sha256')
        .update(readFileSync(join(dir, name)))
        .digest('hex')}`;
    });
}

describe('a changed row', () => {
  it('is found when one letter of a leaf differs', async () => {
    const { dir, ledger } = writeSample();
    changeLeaf(dir, 4, (leaf) => leaf.replace('host', 'hosu'));
    assertFound(await verifyDir(dir, ledger), 'TAMPERED', 'leaf-hash 4');
  });

  it('is found by the chain when its hash was made to fit', async () => {
    const { dir, ledger } = writeSample();
    changeLeaf(dir, 4, (leaf) => leaf.replace('host4', 'host5'), true);
    assertFound(await verifyDir(dir, ledger), 'TAMPERED', 'chain 5', 'root 7', 'root 15');
  });

  it('is found by the roots when the whole chain after it was made to fit', async () => {
    const { dir, ledger } = writeSample();
    tamper(dir, (db) =>
      rechain(
        db,
        ledger.leaves.map((leaf, seq) => (seq === 4 ? edit(leaf, { host: 'evil.example' }) : leaf)),
      ),
    );
    const result = await verifyDir(dir, ledger);
    assertFound(result, 'TAMPERED', 'root 7', 'root 12', 'root 15');
    assert.ok(!result.findings.some(({ code }) => code === 'chain' || code === 'leaf-hash'));
  });

  it('is found when only its row hash differs', async () => {
    const { dir, ledger } = writeSample();
    tamper(dir, 'UPDATE rows SET row_hash = zeroblob(32) WHERE seq = 3');
    assertFound(await verifyDir(dir, ledger), 'TAMPERED', 'leaf-hash 3', 'chain 4');
  });

  it('is found when a raw byte of the file differs', async () => {
    const { dir, ledger } = writeSample();
    const path = join(dir, 'ledger.db');
    const bytes = readFileSync(path);
    const needle = '"host":"host5.example"';
    for (let at = bytes.indexOf(needle); at > 0; at = bytes.indexOf(needle, at)) bytes[at + 8] = 0x48;
    writeFileSync(path, bytes);
    assertFound(await verifyDir(dir, ledger), 'TAMPERED');
  });

  it('is found when bytes that are no UTF-8 show the same letters', async () => {
    const ledger = new ReferenceLedger();
    const seq = ledger.net({ path: '/a\u{FFFD}b' });
    ledger.seal();
    const { dir } = writeSample(ledger);
    const path = join(dir, 'ledger.db');
    const bytes = readFileSync(path);
    const at = bytes.indexOf('/a\u{FFFD}b');
    bytes.set([0xf0, 0x90, 0x80], at + 2);
    writeFileSync(path, bytes);
    assertFound(await verifyDir(dir, ledger), 'TAMPERED', `leaf-canonical ${seq}`, `leaf-hash ${seq}`);
  });

  it('is found when a leaf is NULL or far too long', async () => {
    for (const [value, code] of [
      ['NULL', 'leaf-gone 4'],
      [`'["${'x'.repeat(20_000)}"]'`, 'leaf-canonical 4'],
    ] as const) {
      const { dir, ledger } = writeSample();
      tamper(dir, `UPDATE rows SET leaf = ${value} WHERE seq = 4`);
      assertFound(await verifyDir(dir, ledger), 'TAMPERED', code);
    }
  });

  for (const [what, change] of Object.entries({
    'white space': (leaf: string) => leaf.replace(',', ', '),
    'a fraction': (leaf: string) => leaf.replace('"pid":4711', '"pid":4711.0'),
    'an exponent': (leaf: string) => leaf.replace('"pid":4711', '"pid":4711e0'),
    'minus zero': (leaf: string) => leaf.replace('"thread":0', '"thread":-0'),
    'a duplicate name': (leaf: string) => leaf.replace('"pid":4711', '"pid":4711,"pid":4711'),
    'names out of order': (leaf: string) => leaf.replace('"app":"shop",', '').replace('"v":1', '"v":1,"app":"shop"'),
    'an escape that is not needed': (leaf: string) => leaf.replace('"shop"', String.raw`"sho\u0070"`),
    'a lone surrogate': (leaf: string) => leaf.replace('"shop"', String.raw`"sh\ud800"`),
    'a nested object': (leaf: string) => leaf.replace('"shop"', '{"a":1}'),
    null: (leaf: string) => leaf.replace('"shop"', 'null'),
    __proto__: (leaf: string) => leaf.replace('{', '{"__proto__":1,'),
    'a byte order mark': (leaf: string) => `\u{FEFF}${leaf}`,
    'a trailing LF': (leaf: string) => `${leaf}\n`,
    'a depth of 900': (leaf: string) => leaf.replace('"shop"', '['.repeat(900) + ']'.repeat(900)),
  })) {
    it(`is no canonical leaf with ${what}`, async () => {
      const { dir, ledger } = writeSample();
      changeLeaf(dir, 4, change, true);
      assertFound(await verifyDir(dir, ledger), 'TAMPERED', 'leaf-canonical 4');
    });
  }
});

/** What somebody with the store but without the keys can do: every hash fits, no note does. */
function rechain(db: DatabaseSync, leaves: string[]): void {
  let prev = '0'.repeat(64);
  db.exec('DELETE FROM rows');
  for (const [seq, leaf] of leaves.entries()) {
    const linked = edit(leaf, { prev, seq });
    db.prepare('INSERT INTO rows (seq, leaf, row_hash) VALUES (?, ?, ?)').run(seq, linked, rowHash(linked));
    prev = rowHash(linked).toString('hex');
  }
}

describe('rows out of place', () => {
  it('are found when the newest row was deleted', async () => {
    const { dir, ledger } = writeSample();
    tamper(dir, 'DELETE FROM rows WHERE seq = 15');
    const result = await verifyDir(dir, ledger);
    assertFound(result, 'TAMPERED', 'truncated 15');
    assert.deepEqual([result.size, result.range], [16, [0, 15]]);
  });

  it('are found as a hole', async () => {
    const { dir, ledger } = writeSample();
    tamper(dir, 'DELETE FROM rows WHERE seq = 5');
    assertFound(await verifyDir(dir, ledger), 'TAMPERED', 'seq 6', 'chain 6', 'root 7');
  });

  it('are found when two were swapped', async () => {
    const { dir, ledger } = writeSample();
    tamper(
      dir,
      'UPDATE rows SET seq = -1 WHERE seq = 4; UPDATE rows SET seq = 4 WHERE seq = 5; UPDATE rows SET seq = 5 WHERE seq = -1',
    );
    assertFound(await verifyDir(dir, ledger), 'TAMPERED', 'seq 4', 'chain 4', 'chain 5', 'root 7');
  });

  it('are found when a row was deleted and the rest renumbered and chained again', async () => {
    const { dir, ledger } = writeSample();
    tamper(dir, (db) =>
      rechain(
        db,
        ledger.leaves.filter((_, seq) => seq !== 5),
      ),
    );
    assertFound(await verifyDir(dir, ledger), 'TAMPERED', 'truncated 15', 'seal 6');
  });

  it('are found when a row was inserted and the rest renumbered and chained again', async () => {
    const { dir, ledger } = writeSample();
    tamper(dir, (db) => rechain(db, ledger.leaves.toSpliced(5, 0, ledger.leaves[4]!)));
    assertFound(await verifyDir(dir, ledger), 'TAMPERED', 'seal 7', 'root 7');
  });

  it('are found with negative and enormous numbers', async () => {
    for (const seq of ['-1', '9223372036854775807']) {
      const { dir, ledger } = writeSample();
      tamper(dir, `INSERT INTO rows (seq, leaf, row_hash) SELECT ${seq}, leaf, row_hash FROM rows WHERE seq = 4`);
      assertFound(await verifyDir(dir, ledger), 'TAMPERED', 'seq');
    }
  });

  it('are found as a second genesis and as a row of another ledger', async () => {
    const ledger = sampleLedger();
    const other = sampleLedger({ seed: 'other' });
    const genesis = without(ledger.leaves[0]!, ...CHAINED);
    const second = ledger.row(genesis);
    const foreign = ledger.net({ ledger: other.id });
    ledger.seal();
    const { dir } = writeSample(ledger);
    assertOnly(await verifyDir(dir, ledger), 'TAMPERED', 'genesis', 'ledger-id');
    assertFound(await verifyDir(dir, ledger), 'TAMPERED', `genesis ${second}`, `ledger-id ${foreign}`);
  });
});

describe('the shape of a leaf', () => {
  const write = async (members: Members): Promise<Awaited<ReturnType<typeof verifyDir>>> => {
    const ledger = new ReferenceLedger();
    ledger.net(members);
    ledger.seal();
    return verifyDir(writeSample(ledger).dir, ledger);
  };

  for (const [what, members] of Object.entries<Members>({
    'a member that no table knows': { body: 'secret' },
    'a member of another kind': { pendingDigest: '00'.repeat(32) },
    'a wrong type': { port: '443' },
    'a string beyond its limit': { method: 'X'.repeat(33) },
    'a string beyond its limit in bytes, not in letters': { method: 'ä'.repeat(17) },
    'an array with too many elements': { via: Array.from({ length: 9 }, () => 'p') },
    'an array with a long element': { cut: ['x'.repeat(33)] },
    'upper-case hex': { certSha256: 'AB'.repeat(32) },
    'an unknown kind': { kind: 'nett' },
    'no call and no conn': { kind: 'hook' },
    'an outcome in phase open': { phase: 'open' },
    'version 0': { v: 0 },
  })) {
    it(`is wrong with ${what}`, async () => assertFound(await write(members), 'TAMPERED', 'leaf-shape 1'));
  }

  it('of a newer version cannot be judged', async () =>
    assertFound(await write({ v: 2 }), 'UNVERIFIABLE', 'version 1'));

  it('is kept and listed with a word that this version does not know', async () => {
    const result = await write({ channel: 'carrier' });
    assertOnly(result, 'VERIFIED');
    assert.ok(result.notChecked.includes('the meaning of channel "carrier"'));
  });

  it('of a policy row depends on what it brings into force', async () => {
    const manifest = { event: 'manifest', text: 'a manifest', package: 'p', packageVersion: '1', manifestSha256: '' };
    const writer = { app: 'shop', pid: 1, thread: 0, spool: 's', spoolSeq: 1 };
    const judge = async (members: Members): ReturnType<typeof verifyDir> => {
      const ledger = new ReferenceLedger();
      const digest = createHash('sha256').update('{}').digest('hex');
      ledger.texts.set(digest, '{}');
      ledger.row({ kind: 'policy', ...members, ...('manifestSha256' in members ? { manifestSha256: digest } : {}) });
      ledger.seal();
      return verifyDir(writeSample(ledger).dir, ledger);
    };
    assertOnly(await judge({ ...manifest, ...writer }), 'VERIFIED');
    assertOnly(await judge({ ...manifest, ...writer, packageAuthor: 'somebody' }), 'VERIFIED');
    assertFound(await judge({ event: 'manifest', text: 'none', ...writer }), 'TAMPERED', 'leaf-shape 1');
    assertFound(await judge({ event: 'catalogue', text: 'none' }), 'TAMPERED', 'leaf-shape 1');
    const missing = await judge({ event: 'catalogue', text: 'a catalogue', catalogue: 'ab'.repeat(32) });
    assertOnly(missing, 'TAMPERED', 'text');
  });

  it('is listed for a reserved kind', async () => {
    const ledger = new ReferenceLedger();
    ledger.row({ kind: 'anchor', whatever: 1 });
    ledger.row({ kind: 'anchor', whatever: 2 });
    ledger.seal();
    const result = await verifyDir(writeSample(ledger).dir, ledger);
    assertOnly(result, 'VERIFIED');
    assert.equal(result.notChecked.filter((text) => text.includes('reserved kind anchor')).length, 1);
  });
});

describe('the schema', () => {
  for (const [what, sql, code] of [
    ['a missing trigger', 'DROP TRIGGER rows_no_delete', 'schema'],
    [
      'a trigger that lets changes through',
      'DROP TRIGGER rows_no_update; CREATE TRIGGER rows_no_update BEFORE UPDATE ON rows BEGIN SELECT 1; END',
      'schema',
    ],
    ['a missing index', 'DROP INDEX rows_host', 'schema'],
    ['another index', 'CREATE INDEX more ON rows (app)', 'schema'],
    ['a view', 'CREATE VIEW v AS SELECT * FROM rows', 'schema'],
    ['another table', 'CREATE TABLE bodies (b BLOB)', 'schema'],
    ['user_version 0', 'PRAGMA user_version = 0', 'schema'],
  ] as const) {
    it(`is wrong with ${what}`, async () => {
      const { dir, ledger } = writeSample();
      const db = new DatabaseSync(join(dir, 'ledger.db'));
      db.exec(sql);
      db.close();
      assertOnly(await verifyDir(dir, ledger), 'TAMPERED', code);
    });
  }

  it('is wrong with a generated column that shows something else', async () => {
    const { dir, ledger } = writeSample();
    rewriteSchema(dir, "'$.host'", "'$.kind'");
    assertFound(await verifyDir(dir, ledger), 'TAMPERED', 'schema');
  });

  it('is never executed where the leaf is a generated column', async () => {
    const { dir, ledger } = writeSample();
    rewriteSchema(dir, 'leaf TEXT,', "leaf TEXT GENERATED ALWAYS AS (printf('%1000000000d', seq)) VIRTUAL,");
    assertFound(await verifyDir(dir, ledger), 'TAMPERED', 'schema', 'empty');
  });

  it('is never executed where rows is a view without end', async () => {
    const dir = newFolder();
    const ledger = new ReferenceLedger();
    ledger.write(dir);
    rmSync(join(dir, 'ledger.db'));
    const db = new DatabaseSync(join(dir, 'ledger.db'));
    db.exec('PRAGMA application_id = 1331123249; PRAGMA user_version = 2');
    db.exec(
      'CREATE VIEW rows AS WITH RECURSIVE r (seq) AS (SELECT 0 UNION ALL SELECT seq + 1 FROM r) SELECT seq, seq AS leaf, seq AS row_hash FROM r',
    );
    db.close();
    assertFound(await verifyDir(dir, ledger), 'TAMPERED', 'schema', 'empty');
  });
});

function rewriteSchema(dir: string, from: string, to: string): void {
  const db = new DatabaseSync(join(dir, 'ledger.db'));
  db.enableDefensive?.(false);
  db.exec('PRAGMA writable_schema = ON');
  db.prepare("UPDATE sqlite_schema SET sql = replace(sql, ?, ?) WHERE name = 'rows'").run(from, to);
  db.close();
}

describe('what is derived from the rows', () => {
  for (const [what, sql, code] of [
    ['a rollup cell that counts less', 'UPDATE rollup SET events = events - 1 WHERE rowid_of = 0', 'rollup'],
    ['a rollup cell that is gone', 'DELETE FROM rollup WHERE bytes_out = 7', 'rollup'],
    [
      'a rollup cell of no row',
      "INSERT INTO rollup SELECT hour, 'ghost', direction, channel, package, host, port, class, declared, vendor, 1, 0, 0, 0, 1, 1 FROM rollup LIMIT 1",
      'rollup',
    ],
    ['a rollup cell beyond 2^53', 'UPDATE rollup SET bytes_in = 9223372036854775807 WHERE bytes_out = 7', 'rollup'],
    ['a rollup cell with a long text', 'UPDATE rollup SET host = hex(zeroblob(1000000)) WHERE bytes_out = 7', 'rollup'],
    ['a pending call that is gone', 'DELETE FROM pending', 'pending'],
    ['a pending call that differs', "UPDATE pending SET record = '{}'", 'pending'],
    ['a pending call more', "INSERT INTO pending VALUES ('a', '{}')", 'pending'],
    ['a writer that differs', "UPDATE writers SET record = '{}'", 'writers'],
    ['a text that differs', "UPDATE texts SET text = '{}'", 'text'],
    ['a catalogue text that is gone', 'DELETE FROM texts', 'text'],
    ['a node of no subtree', 'INSERT INTO nodes VALUES (8, 0, zeroblob(32))', 'nodes'],
  ] as const) {
    it(`is wrong with ${what}`, async () => {
      const { dir, ledger } = writeSample();
      tamper(dir, sql.replace('rowid_of = 0', 'bytes_out = 7'));
      assertOnly(await verifyDir(dir, ledger), 'TAMPERED', code);
    });
  }

  it('is wrong with a node that differs or is missing', async () => {
    for (const sql of ['UPDATE nodes SET hash = zeroblob(32) WHERE idx = 1', 'DELETE FROM nodes WHERE idx = 1']) {
      const { dir, ledger } = writeSample(longLedger());
      tamper(dir, sql);
      assertOnly(await verifyDir(dir, ledger), 'TAMPERED', 'nodes');
      assertFound(await verifyDir(dir, ledger), 'TAMPERED', 'nodes 256');
    }
  });

  it('is wrong with an index that shows another host', async () => {
    const { dir, ledger } = writeSample();
    const path = join(dir, 'ledger.db');
    const db = new DatabaseSync(path);
    const page = Number(db.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'rows_host'").get()?.['rootpage']);
    const size = Number(db.prepare('PRAGMA page_size').get()?.['page_size']);
    db.close();
    const bytes = readFileSync(path);
    const at = bytes.indexOf('host3.example', (page - 1) * size);
    assert.ok(at > 0 && at < page * size);
    bytes[at + 4] = 0x34;
    writeFileSync(path, bytes);
    assertOnly(await verifyDir(dir, ledger), 'TAMPERED', 'column');
  });

  it('caps the hosts of an hour and a package at 10,000', async () => {
    const ledger = new ReferenceLedger();
    for (let i = 0; i < 3; i += 1) ledger.net({ host: `h${i}.example`, skew: 3_600_000_000 });
    ledger.seal();
    assertOnly(await verifyDir(writeSample(ledger).dir, ledger), 'VERIFIED');
  });
});

describe('notes of a store', () => {
  it('are missed when there are none', async () => {
    const { dir, ledger } = writeSample();
    tamper(dir, 'DELETE FROM checkpoints');
    unlinkSync(join(dir, 'checkpoints.log'));
    assertFound(await verifyDir(dir, ledger), 'UNVERIFIABLE', 'no-note');
  });

  it('leave a tail when the newest is gone, and roll back if the log still has it', async () => {
    const { dir, ledger } = writeSample();
    tamper(dir, 'DELETE FROM checkpoints WHERE size = 16');
    assertFound(await verifyDir(dir, ledger), 'ROLLBACK', 'log-ahead 15', 'tail 13');
    unlinkSync(join(dir, 'checkpoints.log'));
    assertOnly(await verifyDir(dir, ledger), 'INCOMPLETE', 'tail');
  });

  it('are missed when an older one is gone', async () => {
    const { dir, ledger } = writeSample();
    tamper(dir, 'DELETE FROM checkpoints WHERE size = 13');
    assertFound(await verifyDir(dir, ledger), 'TAMPERED', 'note 12');
  });

  const alter = async (change: (note: string) => string, size = 16): ReturnType<typeof verifyDir> => {
    const { dir, ledger } = writeSample();
    const note = ledger.notes.find((one) => one.size === size)!.text;
    tamper(dir, (db) => db.prepare('UPDATE checkpoints SET note = ? WHERE size = ?').run(change(note), size));
    return verifyDir(dir, ledger);
  };

  it('are wrong without the signature of the epoch key', async () =>
    assertFound(await alter((note) => note.split('\n').toSpliced(5, 1).join('\n')), 'TAMPERED', 'note 15'));
  it('are wrong without the signature of the log key', async () =>
    assertFound(await alter((note) => note.split('\n').toSpliced(4, 1).join('\n')), 'TAMPERED', 'note 15'));
  it('are wrong with a changed signature', async () => {
    for (const size of [8, 16]) {
      const result = await alter(
        (note) => note.replace(/.(..)\n$/, (_, rest: string) => `${_[0] === 'x' ? 'y' : 'x'}${rest}\n`),
        size,
      );
      assertFound(result, 'TAMPERED', `signature ${size - 1}`);
    }
  });
  it('are wrong with another root', async () =>
    assertFound(
      await alter((note) => note.replace(/^(.*\n16\n).{43}/, `$1${'A'.repeat(43)}`)),
      'TAMPERED',
      'root 15',
      'signature 15',
    ));
  it('are wrong under another size', async () =>
    assertFound(
      await alter((note) => note, 8).then(() => alter(() => sampleLedger().notes[0]!.text)),
      'TAMPERED',
      'note 15',
    ));
  it('are wrong with CRLF', async () =>
    assertFound(await alter((note) => note.replaceAll('\n', '\r\n')), 'TAMPERED', 'note 15'));
  it('are wrong with an extension line', async () =>
    assertFound(await alter((note) => note.replace('\n\n', '\nmore\n\n')), 'TAMPERED', 'note 15'));
  it('are fine with the line of a witness', async () =>
    assertOnly(await alter((note) => `${note}— witness.example/w jWbPPwAAAABkGFDL\n`), 'VERIFIED'));

  it('are truncated when they cover rows that never were', async () => {
    const ledger = sampleLedger();
    const { dir } = writeSample(ledger);
    ledger.net();
    ledger.seal();
    tamper(dir, (db) => db.prepare('INSERT INTO checkpoints VALUES (?, ?)').run(18, ledger.notes.at(-1)!.text));
    assertFound(await verifyDir(dir, ledger), 'TAMPERED', 'truncated 16');
  });

  it('of a log ahead of the store mean a rollback', async () => {
    const ledger = sampleLedger();
    const { dir } = writeSample(ledger);
    ledger.net();
    const note = ledger.seal();
    appendFileSync(join(dir, 'checkpoints.log'), logLine(18, note));
    assertOnly(await verifyDir(dir, ledger), 'ROLLBACK', 'log-ahead');
  });

  it('of a log that nobody signed are no rollback', async () => {
    const ledger = sampleLedger();
    const other = sampleLedger({ seed: 'other' });
    const { dir } = writeSample(ledger);
    other.net();
    other.seal();
    appendFileSync(join(dir, 'checkpoints.log'), logLine(18, other.notes.at(-1)!.text));
    assertFound(await verifyDir(dir, ledger), 'TAMPERED', 'signature 17');
  });

  it('of the log may end inside a line, and nothing else', async () => {
    const { dir, ledger } = writeSample();
    const log = join(dir, 'checkpoints.log');
    appendFileSync(log, '18 AAAA');
    assertOnly(await verifyDir(dir, ledger), 'VERIFIED');
    appendFileSync(log, '\n');
    assertFound(await verifyDir(dir, ledger), 'TAMPERED', 'note 17');
    truncateSync(log, 0);
    assertOnly(await verifyDir(dir, ledger), 'VERIFIED');
  });

  it('of the log with another root are found', async () => {
    const { dir, ledger } = writeSample();
    const other = sampleLedger();
    const text = other.note({ keep: false, root: Buffer.alloc(32, 1) });
    writeFileSync(join(dir, 'checkpoints.log'), logLine(16, text));
    assertFound(await verifyDir(dir, ledger), 'TAMPERED', 'root 15');
  });
});

describe('seals', () => {
  for (const [what, members, code] of [
    ['counts other net rows', { net: 1 }, 'seal'],
    ['counts other gaps', { gaps: 9 }, 'seal'],
    ['counts other missing rows', { missing: 9 }, 'seal'],
    ['counts other rows', { rows: 9 }, 'seal'],
    ['counts other pending calls', { pending: 9 }, 'pending'],
    ['has another digest of the pending calls', { pendingDigest: '00'.repeat(32) }, 'pending'],
    ['has another digest of the writers', { writersDigest: '00'.repeat(32) }, 'writers'],
    ['names another epoch', { epoch: 1 }, 'epoch'],
  ] as const) {
    it(`are wrong if one ${what}`, async () => {
      const ledger = sampleLedger();
      ledger.seal(members);
      assertOnly(await verifyDir(writeSample(ledger).dir, ledger), 'TAMPERED', code);
    });
  }

  it('must stand under each note', async () => {
    const ledger = sampleLedger();
    ledger.net();
    ledger.note();
    assertFound(await verifyDir(writeSample(ledger).dir, ledger), 'TAMPERED', 'seal 16');
  });
});

describe('time and completeness', () => {
  it('is STALE when the newest seal is older than 2 h and not closing', async () => {
    const { dir, ledger } = writeSample();
    const later = { now: ledger.time + 7_201_000_000 };
    assertOnly(await verifyDir(dir, ledger, later), 'STALE', 'stale');
    ledger.seal({ closing: true });
    assertOnly(await verifyDir(writeSample(ledger).dir, ledger, later), 'VERIFIED');
  });

  it('is INCOMPLETE with rows known to be missing', async () => {
    const ledger = sampleLedger();
    const seq = ledger.gap(3);
    ledger.seal();
    const result = await verifyDir(writeSample(ledger).dir, ledger);
    assertOnly(result, 'INCOMPLETE', 'gap');
    assertFound(result, 'INCOMPLETE', `gap ${seq}`);
  });

  it('lists at most 100 findings of a code, then how many more there are', async () => {
    const ledger = new ReferenceLedger();
    for (let i = 0; i < 130; i += 1) ledger.gap(1);
    ledger.seal();
    const { findings } = await verifyDir(writeSample(ledger).dir, ledger);
    assert.equal(findings.length, 101);
    assert.match(findings.at(-1)!.text, /^30 more/);
  });
});

describe('what is no store', () => {
  it('is empty without rows, without tables, without bytes', async () => {
    const { dir, ledger } = writeSample();
    tamper(dir, 'DELETE FROM rows; DELETE FROM checkpoints');
    unlinkSync(join(dir, 'checkpoints.log'));
    assertFound(await verifyDir(dir, ledger), 'UNVERIFIABLE', 'empty');
    writeFileSync(join(dir, 'ledger.db'), '');
    assertFound(await verifyDir(dir, ledger), 'UNVERIFIABLE', 'empty');
  });

  it('is unreadable if it is no database, another database, a folder without one, or not there', async () => {
    const { dir, ledger } = writeSample();
    writeFileSync(join(dir, 'ledger.db'), `SQLite format 3\0${'x'.repeat(5000)}`);
    assertFound(await verifyDir(dir, ledger), 'UNVERIFIABLE', 'unreadable');
    const db = new DatabaseSync(join(newFolderMade(), 'ledger.db'));
    db.exec('CREATE TABLE rows (seq INTEGER PRIMARY KEY, leaf TEXT, row_hash BLOB)');
    const other = db.location()!;
    db.close();
    for (const path of [other, newFolderMade(), join(dir, 'nothing')]) {
      assertFound(await verifyDir(path, ledger), 'UNVERIFIABLE', 'unreadable');
    }
  });

  it('is of a newer version', async () => {
    const { dir, ledger } = writeSample();
    tamper(dir, 'PRAGMA user_version = 3');
    assertOnly(await verifyDir(dir, ledger), 'UNVERIFIABLE', 'version');
  });

  it('misses a table', async () => {
    for (const table of ['rows', 'checkpoints', 'rollup', 'nodes', 'pending', 'texts']) {
      const { dir, ledger } = writeSample();
      const db = new DatabaseSync(join(dir, 'ledger.db'));
      db.exec(`DROP TABLE ${table}`);
      db.close();
      assertFound(await verifyDir(dir, ledger), 'TAMPERED', 'schema');
    }
  });

  it('was cut off', async () => {
    const { dir, ledger } = writeSample();
    const path = join(dir, 'ledger.db');
    const { size } = statSync(path);
    for (const part of [0.9, 0.5, 0.1]) {
      truncateSync(path, Math.floor(size * part));
      const { exit } = await verifyDir(dir, ledger);
      assert.ok(exit === 20 || exit === 30);
    }
  });
});

function newFolderMade(): string {
  const dir = newFolder();
  new ReferenceLedger().write(dir);
  rmSync(join(dir, 'ledger.db'));
  return dir;
}

describe('the newest rows', () => {
  it('are judged on top of nodes and row hashes', async () => {
    const ledger = longLedger();
    const { dir } = writeSample(ledger);
    for (const newest of [1, 100, 256, 398, 500, 5000]) {
      const result = await verifyDir(dir, ledger, { newest });
      assertOnly(result, 'VERIFIED');
      assert.equal(result.range[0], Math.max(0, ledger.leaves.length - newest));
    }
  });

  it('do not show a changed older leaf, and do show a changed older row hash, node or newer leaf', async () => {
    const sql = (change: string): { dir: string; ledger: ReferenceLedger } => {
      const made = writeSample(longLedger());
      tamper(made.dir, change);
      return made;
    };
    const judge = async ({ dir, ledger }: { dir: string; ledger: ReferenceLedger }): ReturnType<typeof verifyDir> =>
      verifyDir(dir, ledger, { newest: 50 });
    assertOnly(await judge(sql(`UPDATE rows SET leaf = replace(leaf, 'shop', 'shoq') WHERE seq = 300`)), 'VERIFIED');
    assertFound(await judge(sql('UPDATE nodes SET hash = zeroblob(32) WHERE idx = 1')), 'TAMPERED', 'root');
    assertFound(await judge(sql('UPDATE rows SET row_hash = zeroblob(32) WHERE seq = 800')), 'TAMPERED', 'root');
    assertFound(
      await judge(sql(`UPDATE rows SET leaf = replace(leaf, 'shop', 'shoq') WHERE seq = 905`)),
      'TAMPERED',
      'leaf-hash 905',
    );
    assertFound(await judge(sql('DELETE FROM rows WHERE seq >= 905')), 'TAMPERED', 'truncated');
    assertFound(await judge(sql("INSERT INTO pending VALUES ('a', '{}')")), 'TAMPERED', 'pending');
  });
});

it('judges an hour that begins before 1970 as the page says', async () => {
  const ledger = new ReferenceLedger({ start: T0 });
  ledger.net({ time: -1 });
  ledger.seal();
  assertOnly(await verifyDir(writeSample(ledger).dir, ledger), 'VERIFIED');
});

const SPOOLS = (spools: string[]): { spools: string[] } => ({ spools });

/** Three batches that moved spool files, and a table that says so. */
function drained(...seals: string[][]): { dir: string; ledger: ReferenceLedger } {
  const ledger = new ReferenceLedger();
  for (const spools of seals) {
    ledger.net();
    ledger.seal(SPOOLS(spools));
  }
  const { dir } = writeSample(ledger);
  tamper(dir, (db) => {
    const marks = new Map(seals.flat().map((entry) => [entry.split(' ')[0]!, entry.split(' ').slice(1)]));
    const insert = db.prepare('INSERT INTO spools VALUES (?, ?, ?, 1000, 0)');
    for (const [name, [offset, n]] of marks) insert.run(name, Number(offset), Number(n));
  });
  return { dir, ledger };
}

it('compares how far each spool file was read with the newest seal that names it', async () => {
  const seals = [['a 100 3', 'b 70 2'], ['a 250 9'], ['c 5 1']];
  for (const [sql, found] of [
    ['', undefined],
    ["UPDATE spools SET offset = 251 WHERE name = 'a'", 'spools 4'],
    ["UPDATE spools SET n = 3 WHERE name = 'b'", 'spools 2'],
    ["DELETE FROM spools WHERE name = 'c'", 'spools 6'],
    ["INSERT INTO spools VALUES ('d', 9, 1, 1000, 0)", 'spools -1'],
    ["UPDATE spools SET name = hex(zeroblob(1000)) WHERE name = 'b'", 'spools -1'],
  ] as const) {
    const { dir, ledger } = drained(...seals);
    tamper(dir, sql);
    const result = await verifyDir(dir, ledger);
    if (found === undefined) assertOnly(result, 'VERIFIED');
    else assertFound(result, 'TAMPERED', found);
  }
});

it('says nothing of spool files that a full seal may have left out', async () => {
  const many = Array.from({ length: 64 }, (_, file) => `m${file} 9 1`);
  const { dir, ledger } = drained(['a 100 3'], many);
  tamper(dir, "UPDATE spools SET offset = 500 WHERE name = 'a'; INSERT INTO spools VALUES ('z', 9, 1, 1000, 0)");
  assertOnly(await verifyDir(dir, ledger), 'VERIFIED');
  tamper(dir, "UPDATE spools SET offset = 500 WHERE name = 'm7'");
  assertOnly(await verifyDir(dir, ledger), 'TAMPERED', 'spools');
});
