/** Rows changed, removed, added, moved: by somebody who has the store and no key. */
import { rmSync } from 'node:fs';

import { dropTrigger } from '../../system/ledger-edit.ts';
import { type Copy, type Experiment } from './experiment.ts';
import { canonical, type Forgery, makeKey, rowHash } from './forgery.ts';

/** A call of a closed epoch. */
const target = (forgery: Forgery): number => forgery.callIn(2);

/** Changes the ledger in memory, makes all hashes fit and puts it back; the notes stay as they are. */
function rechained(copy: Copy, change: (forgery: Forgery, row: number) => number | void): number {
  const { forgery } = copy;
  const row = target(forgery);
  const aim = change(forgery, row) ?? row;
  forgery.chain();
  forgery.store(copy.data);
  return aim;
}

function changeLeaf(copy: Copy, rehash: boolean): number {
  const { forgery } = copy;
  const row = target(forgery);
  forgery.edit(row, { host: 'harmless.example' });
  copy.sql((database) => {
    const leaf = forgery.leaves[row] ?? '';
    database.prepare('UPDATE rows SET leaf = ? WHERE seq = ?').run(leaf, row);
    if (rehash) database.prepare('UPDATE rows SET row_hash = ? WHERE seq = ?').run(rowHash(leaf), row);
  });
  return row;
}

function bySql(copy: Copy, sql: (row: number) => string): number {
  const row = target(copy.forgery);
  copy.sql(sql(row));
  return row;
}

/** With the triggers in place, as an accident or a careless administrator would. */
function againstTheEngine(copy: Copy, sql: string): void {
  let refused = false;
  copy.sql((database) => {
    const triggers = copy.triggers;
    for (const trigger of triggers) database.exec(trigger);
    try {
      database.exec(sql);
    } catch {
      refused = true;
    }
    for (const trigger of triggers) database.exec(`DROP TRIGGER ${trigger.split(' ')[2]}`);
  });
  if (!refused) throw new Error(`the engine took it: ${sql}`);
}

export const ROWS: readonly Experiment[] = [
  { what: 'nothing', by: 'nobody', store: () => {}, expected: 'VERIFIED', exported: 'VERIFIED' },
  {
    what: 'nothing, and no pin',
    by: 'nobody',
    store: () => ({ pins: [] }),
    expected: 'UNANCHORED unanchored',
    exported: 'UNANCHORED unanchored',
  },
  {
    what: 'the host of a call',
    by: 'admin',
    store: (copy) => changeLeaf(copy, false),
    expected: 'TAMPERED leaf-hash row, rollup',
    exported: 'TAMPERED chain row+1, root closing',
  },
  {
    what: 'the host of a call, and its row hash',
    by: 'admin',
    store: (copy) => changeLeaf(copy, true),
    expected: 'TAMPERED chain row+1, root note, rollup, nodes 0',
    exported: 'TAMPERED chain row+1, root closing',
  },
  {
    what: 'the host of a call, all hashes after it, nodes and rollup',
    by: 'admin',
    store: (copy) => rechained(copy, (forgery, row) => forgery.edit(row, { host: 'harmless.example' })),
    expected: 'TAMPERED root note',
    exported: 'TAMPERED root closing',
  },
  {
    what: 'the bytes of a call, re-chained and signed by own keys',
    by: 'admin',
    store: (copy) =>
      rechained(copy, (forgery, row) => {
        forgery.edit(row, { bytesOut: 1 });
        forgery.chain();
        const mine = makeKey('mine');
        Object.assign(forgery, { logKey: mine });
        forgery.sign(row, () => mine);
      }),
    expected: 'TAMPERED signature closing',
    exported: 'TAMPERED signature closing',
  },
  {
    what: 'the row hash alone',
    by: 'admin',
    store: (copy) => bySql(copy, (row) => `UPDATE rows SET row_hash = zeroblob(32) WHERE seq = ${row}`),
    expected: 'TAMPERED leaf-hash row, chain row+1, root note, nodes 0',
    exported: 'same',
  },
  {
    what: 'the row hash shortened',
    by: 'admin',
    store: (copy) => bySql(copy, (row) => `UPDATE rows SET row_hash = x'00' WHERE seq = ${row}`),
    expected: 'TAMPERED leaf-hash row',
    exported: 'same',
  },
  {
    what: 'a leaf made longer than 16 KiB',
    by: 'admin',
    store: (copy) => bySql(copy, (row) => `UPDATE rows SET leaf = printf('%17000s', '') || leaf WHERE seq = ${row}`),
    expected: 'TAMPERED leaf-canonical row, leaf-gone row, column row, rollup',
    exported: 'TAMPERED leaf-canonical row, chain row+1, seal note, root closing',
  },
  {
    what: 'a leaf made NULL',
    by: 'admin',
    store: (copy) => bySql(copy, (row) => `UPDATE rows SET leaf = NULL WHERE seq = ${row}`),
    expected: 'TAMPERED leaf-gone row, rollup',
    exported: 'TAMPERED leaf-gone row',
  },
  {
    what: 'a call deleted',
    by: 'admin',
    store: (copy) => bySql(copy, (row) => `DELETE FROM rows WHERE seq = ${row}`),
    expected: 'TAMPERED seq row+1, chain row+1, seal note, root note, rollup, nodes 0',
    exported: 'TAMPERED leaf-gone row, chain row+1, root closing',
  },
  {
    what: 'a call deleted, the rest renumbered and re-chained',
    by: 'admin',
    store: (copy) => rechained(copy, (forgery, row) => void forgery.leaves.splice(row, 1)),
    expected: 'TAMPERED root note, note row+2, seal note, epoch 266, truncated newest',
    exported: 'refused',
  },
  {
    what: 'the newest row deleted',
    by: 'admin',
    store: (copy) => {
      const row = copy.forgery.leaves.length - 1;
      copy.sql(`DELETE FROM rows WHERE seq = ${row}`);
      return row;
    },
    expected: 'TAMPERED truncated row',
    exported: 'refused',
  },
  {
    what: 'a whole epoch of rows deleted from the end, its notes kept',
    by: 'admin',
    store: (copy) => {
      const row = (copy.forgery.of('key').at(-1) ?? 0) + 2;
      copy.sql(`DELETE FROM rows WHERE seq >= ${row}`);
      return row;
    },
    expected: 'TAMPERED truncated row, rollup 259',
    exported: 'refused',
  },
  {
    what: 'two calls swapped',
    by: 'admin',
    store: (copy) =>
      bySql(
        copy,
        (row) => `UPDATE rows SET seq = -9 WHERE seq = ${row};
      UPDATE rows SET seq = ${row} WHERE seq = ${row + 1}; UPDATE rows SET seq = ${row + 1} WHERE seq = -9`,
      ),
    expected: 'TAMPERED seq row, chain row, root note, rollup row+1, nodes 0',
    exported: 'TAMPERED seq row, chain row, root closing',
  },
  {
    what: 'two calls swapped and re-chained',
    by: 'admin',
    store: (copy) =>
      rechained(copy, ({ leaves }, row) => void leaves.splice(row, 2, leaves[row + 1] ?? '', leaves[row] ?? '')),
    expected: 'TAMPERED root note',
    exported: 'TAMPERED root closing',
  },
  {
    what: 'a call added, the rest renumbered and re-chained',
    by: 'admin',
    store: (copy) => rechained(copy, ({ leaves }, row) => void leaves.splice(row, 0, leaves[row] ?? '')),
    expected: 'TAMPERED root note, seal note, note note+1, tail newest+1',
    exported: 'TAMPERED root closing, seal closing',
  },
  {
    what: 'a call doubled under a negative number',
    by: 'admin',
    store: (copy) =>
      bySql(
        copy,
        (row) => `INSERT INTO rows (seq, leaf, row_hash) SELECT -1, leaf, row_hash FROM rows WHERE seq = ${row}`,
      ),
    expected: 'TAMPERED seq',
    exported: 'same',
  },
  {
    what: 'a call doubled under the greatest number',
    by: 'admin',
    store: (copy) =>
      bySql(
        copy,
        (row) =>
          `INSERT INTO rows (seq, leaf, row_hash) SELECT 9223372036854775807, leaf, row_hash FROM rows WHERE seq = ${row}`,
      ),
    expected: 'TAMPERED seq',
    exported: 'same',
  },
  {
    what: 'a row added behind the newest note',
    by: 'admin',
    store: (copy) => {
      const { forgery } = copy;
      const row = forgery.net();
      copy.sql((database) => forgery.writeInto(database, row));
      return row;
    },
    expected: 'INCOMPLETE tail row',
    exported: 'same',
  },
  {
    what: 'a row of another ledger',
    by: 'admin',
    store: (copy) => rechained(copy, (forgery, row) => forgery.edit(row, { ledger: 'ab'.repeat(16) })),
    expected: 'TAMPERED ledger-id row, root note',
    exported: 'TAMPERED ledger-id row, root closing',
  },
  {
    what: 'a second genesis row',
    by: 'admin',
    store: (copy) => rechained(copy, (forgery, row) => void (forgery.leaves[row] = canonical({ ...forgery.leaf(0) }))),
    expected: 'TAMPERED genesis row, root note',
    exported: 'TAMPERED genesis row, root closing',
  },
  {
    what: 'INSERT OR REPLACE, DELETE and UPDATE against the triggers',
    by: 'admin',
    store: (copy) => {
      const row = target(copy.forgery);
      againstTheEngine(
        copy,
        `INSERT OR REPLACE INTO rows (seq, leaf, row_hash) SELECT seq, replace(leaf, 'vendor', 'vandor'), row_hash FROM rows WHERE seq = ${row}`,
      );
      againstTheEngine(copy, `DELETE FROM rows WHERE seq = ${row}`);
      againstTheEngine(copy, `UPDATE rows SET leaf = '{}' WHERE seq = ${row}`);
      againstTheEngine(copy, 'DELETE FROM checkpoints');
      againstTheEngine(copy, `REPLACE INTO checkpoints SELECT size, note || ' ' FROM checkpoints LIMIT 1`);
    },
    expected: 'VERIFIED',
    exported: 'VERIFIED',
  },
  {
    what: 'INSERT OR REPLACE past the triggers',
    by: 'admin',
    store: (copy) =>
      bySql(
        copy,
        (row) =>
          `INSERT OR REPLACE INTO rows (seq, leaf, row_hash) SELECT seq, replace(leaf, '"port":443', '"port":444'), row_hash FROM rows WHERE seq = ${row}`,
      ),
    expected: 'TAMPERED leaf-hash row, rollup',
    exported: 'TAMPERED chain row+1, root closing',
  },
  {
    what: 'a dropped trigger, nothing else',
    by: 'admin',
    store: (copy) => void dropTrigger(copy.data),
    expected: 'TAMPERED schema',
    exported: 'same',
  },
  {
    what: 'an older row, only the newest judged',
    by: 'admin',
    store: (copy) => ({ row: changeLeaf(copy, false), newest: 20 }),
    expected: 'VERIFIED',
  },
  {
    what: 'an older row hash, only the newest judged',
    by: 'admin',
    store: (copy) => ({
      row: bySql(copy, (row) => `UPDATE rows SET row_hash = zeroblob(32) WHERE seq = ${row - row + 270}`),
      newest: 20,
    }),
    expected: 'TAMPERED root newest-19',
  },
  {
    what: 'a node of the tree deleted, only the newest rows judged',
    by: 'admin',
    store: (copy) => {
      copy.sql('DELETE FROM nodes');
      return { row: 0, newest: 20 };
    },
    expected: 'TAMPERED nodes row, root newest-19',
  },
  {
    what: 'rows known to be missing, only newer ones judged',
    by: 'nobody',
    store: (copy) => {
      const { forgery } = copy;
      forgery.row({ kind: 'gap', event: 'damaged', text: 'x', missing: 3, count: 1 });
      for (let more = 0; more < 25; more += 1) forgery.net();
      forgery.seal();
      forgery.store(copy.data);
      return { newest: 20 };
    },
    expected: 'INCOMPLETE gap',
  },
  {
    what: 'all rows and notes deleted',
    by: 'admin',
    store: (copy) => {
      copy.sql('DELETE FROM rows; DELETE FROM checkpoints; DELETE FROM nodes; DELETE FROM rollup');
      rmSync(copy.log);
    },
    expected: 'UNVERIFIABLE empty',
    exported: 'refused',
  },
];
