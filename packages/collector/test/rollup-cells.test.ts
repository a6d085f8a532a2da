import assert from 'node:assert/strict';
import { test } from 'node:test';
import { join } from 'node:path';
import { RollupCells } from '../src/rollup-cells.ts';
import { RecordedLedger } from '../../../benchmarks/ledger-speed/recorded-ledger.ts';
import { temporaryFolder } from '../../../claims/system/temporary-folder.ts';
import { openJournalBesideStore } from '@outwitness/store-sqlite';

const HOUR_US = 3_600_000_000;

test('cells are those of the table at any time, past hours are read once, and again after an erasure', async () => {
  using folder = temporaryFolder('rollup-cells');
  const began = 480_000 * HOUR_US - 30_000_000;
  const recorded = new RecordedLedger({ folder: folder.path, seed: 5, began, batch: 100 });
  await recorded.grow(1500);
  const { store, ledger } = await recorded.open();
  const journal = openJournalBesideStore(join(folder.path, 'ledger.db'));
  try {
    const by = [
      'hour',
      'app',
      'direction',
      'channel',
      'package',
      'host',
      'port',
      'class',
      'declared',
      'vendor',
    ] as const;
    const asked: [number, number][] = [];
    let hour = 480_000;
    const cells = new RollupCells(
      {
        rollup: (query) => {
          asked.push([query.from ?? 0, query.to ?? 0]);
          return journal.rollup(query);
        },
        rowsOfKind: (...query) => journal.rowsOfKind(...query),
      },
      () => hour * 3_600_000,
    );
    const compare = async (from: number, to: number): Promise<void> => {
      const table = (await journal.rollup({ from, to, by })).map((cell) => JSON.stringify(cell));
      const found = (await cells.cells(from, to)).map((cell) => JSON.stringify(cell));
      assert.deepEqual(found.toSorted(), table.toSorted());
      assert.ok(found.length > 0 || from > 480_000);
    };
    // Nothing is closed yet, then the first hour, then both; then the clock is put back.
    for (hour of [480_000, 480_001, 480_002, 480_009, 480_001])
      for (const [from, to] of [
        [479_990, 480_010],
        [479_999, 480_000],
        [480_000, 480_100],
      ] as const)
        // prettier-ignore
        await compare(from, to);
    hour = 480_009;
    await compare(479_990, 480_010);
    asked.length = 0;
    await compare(479_995, 480_010);
    assert.deepEqual(asked, [[480_008, 480_010]]);

    const [row] = await journal.rows(1200, 1201);
    await ledger.erase({ seq: row?.seq ?? -1, actor: 'cli', why: 'a test of ours' });
    asked.length = 0;
    await compare(479_995, 480_010);
    assert.deepEqual(asked[0], [479_995, 480_008]);
  } finally {
    journal.close();
    await ledger.close();
    store.close();
  }
});
