/** A ledger whose rows are of January 2026, written by the real writer under a clock of its own. */
import { mkdirSync } from 'node:fs';
import { DAY } from '@outwitness/ledger';
import { catalogueText, DEFAULT_CATALOGUE } from '@outwitness/report';
import { drained, HELLO, worldIn } from '../../packages/store-sqlite/test/support/world.ts';

/** Writes a data directory with calls on so many days, an epoch each. */
export async function writeOldLedger(data: string, days: number): Promise<void> {
  mkdirSync(data, { recursive: true, mode: 0o711 });
  const place = await worldIn(data, { epoch: { rows: 1_000_000, us: DAY } });
  const catalogue = catalogueText(DEFAULT_CATALOGUE);
  await place.ledger.append({ own: [{ kind: 'policy', catalogue, text: 'the built-in catalogue' }] });
  const call = (number: number): object[] => [
    {
      kind: 'open',
      call: number,
      direction: 'out',
      channel: 'http',
      host: `old-${number}.example`,
      port: 443,
      package: 'p',
    },
    { kind: 'done', call: number, outcome: 'ok', bytesOut: 10, bytesIn: 1 },
  ];
  for (let day = 0; day < days; day++) {
    const records = [...call(2 * day + 1), ...call(2 * day + 2)].map((record) => ({
      ...record,
      time: place.clock.now,
    }));
    const from = place.ledger.spools().get(drained([]).name)?.n ?? 0;
    await place.ledger.append({ files: [drained(from === 0 ? [HELLO, ...records] : records, from)] });
    place.clock.now += DAY;
  }
  await place.ledger.close();
  place.end();
}
