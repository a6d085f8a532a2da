/** Tries ways of starting a program on each version of Node. */
import { join } from 'node:path';
import { test } from 'node:test';

import { startStubServer } from '../../claims/servers/stub-server.ts';
import { auditedNodes } from '../../claims/system/node-binaries.ts';
import { temporaryFolder } from '../../claims/system/temporary-folder.ts';
import { drained, fits, hasItsRows, type Place, runsAlike, type Start } from './alike.ts';
import { layShop } from './installed.ts';

/** Why not now. */
export const LONG: string | false =
  process.env['OUTWITNESS_LONG'] === '1' ? false : 'starts many tools, each twice: npm run test:long';

/** One test for each version of Node, with one part for each start and one for its rows. */
export function tried(what: string, starts: readonly Start[]): void {
  for (const node of auditedNodes()) {
    test(`${what} (${node.name})`, { skip: LONG }, async (context) => {
      using folder = temporaryFolder('tools');
      await using server = await startStubServer();
      const app = await layShop(folder.path);
      const place: Place = { app, data: join(folder.path, 'data'), server, node };
      const fitting = starts.filter((start) => fits(start, node));
      for (const start of fitting) await context.test(`${start.name}: alike`, async () => runsAlike(start, place));
      const rows = await drained(place);
      for (const start of fitting) await context.test(`${start.name}: rows`, () => hasItsRows(start, place, rows));
    });
  }
}
