import { readFileSync } from 'node:fs';
import type { SettingsFact } from '@outwitness/report';
import { openJournal, type SqliteJournal } from '@outwitness/store-sqlite';
import type { AgentSettings } from './agent-settings.ts';
import { type Alive, readAlive } from './alive-file.ts';
import { type DataDir, requireLedger } from './data-dir.ts';
import { DEFAULTS } from './defaults.ts';
import { JournalReportSource } from './report-source.ts';

/** A data directory as another process sees it: the ledger, and what its collector said last. */
export interface LedgerReading {
  journal: SqliteJournal;
  source: JournalReportSource;
  settings: SettingsFact;
  alive: (Alive & { running: boolean }) | undefined;
  close(): void;
}

/**
 * Opens a data directory to read; changes nothing in it.
 *
 * @throws OutwitnessError `data-unusable`, `store-newer`, `store-foreign`
 */
export function readLedger(dir: DataDir): LedgerReading {
  requireLedger(dir);
  const journal = openJournal(dir.ledger);
  const alive = readAlive(dir.alive, Date.now());
  const source = new JournalReportSource(journal, () => ({
    living: alive?.running === true ? alive.living : [],
    frozen: alive?.frozen ?? '',
    verification: alive?.verification,
    whole: alive?.whole,
  }));
  return { journal, source, settings: settingsOf(dir, alive), alive, close: () => journal.close() };
}

export function settingsOf(dir: DataDir, alive: Alive | undefined): SettingsFact {
  const learnDays = alive?.learnDays ?? DEFAULTS.learnDays;
  try {
    const { generation, enabled, strict, disabledChannels } = JSON.parse(
      readFileSync(dir.agent, 'utf8'),
    ) as AgentSettings;
    return { generation, enabled, strict, disabledChannels, learnDays };
  } catch {
    const { enabled, strict, disabledChannels } = DEFAULTS;
    return { generation: 0, enabled, strict, disabledChannels, learnDays };
  }
}
