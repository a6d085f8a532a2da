import { parseCanonical } from '@outwitness/event';
import { MemoryAccess } from '@outwitness/server';
import { lockHolder, openEvidence, openJournal } from '@outwitness/store-sqlite';
import { AccessOver } from './access/access-over.ts';
import { AccessWatch } from './access/access-watch.ts';
import { type Alive, readAlive } from './alive-file.ts';
import type { CollectorOptions } from './collector.ts';
import { askOrPerform } from './control/ask-or-perform.ts';
import type { AskControl } from './control/requests.ts';
import { requireLedger } from './data-dir.ts';
import { LOOK_BESIDE_MS } from './defaults.ts';
import { collectorError } from './errors.ts';
import { HeadWatch } from './head-watch.ts';
import { catalogueInForce } from './make-report.ts';
import { settingsOf } from './read-only.ts';
import { type Served, serverBackend } from './server-backend.ts';
import { readShownSettings } from './shown-settings.ts';

/** A ledger as a server reads it that does not write it. */
export interface Beside {
  backend: ReturnType<typeof serverBackend>;
  close(): void;
}

/**
 * Opens a data directory for a server of its own process. What is a row is asked of the collector, or done here for a moment where none runs.
 *
 * @throws OutwitnessError `data-unusable` `store-missing` `store-newer` `store-foreign` `access-unreadable` and those of settings
 */
export async function serveBeside(options: CollectorOptions): Promise<Beside> {
  requireLedger(options.dir);
  const watch = new AccessWatch(options.dir.access);
  const ask: AskControl = (request) => askOrPerform({ ...options, besideJournal: true }, request);
  const journal = openJournal(options.dir.ledger);
  const parts = { journal, ask, access: new AccessOver(ask, watch), witnessToken: () => watch.witness };
  return served(options, parts, () => watch.look());
}

/**
 * Opens a data directory as evidence: nothing in it changes, no row is written, and whoever looks is a viewer. A ledger that a collector is writing is followed.
 *
 * @throws OutwitnessError as {@link serveBeside}
 */
export async function serveEvidence(options: CollectorOptions): Promise<Beside> {
  const { dir } = options;
  requireLedger(dir);
  const live = readAlive(dir.alive, Date.now())?.running === true || lockHolder(dir.lock) !== undefined;
  const journal = live ? openJournal(dir.ledger) : openEvidence(dir.ledger);
  const refuse: AskControl = async ({ do: what }) => {
    throw collectorError(
      'evidence-only',
      `this server only shows ${dir.root}: "${what}" would be a row. Start it without --read-only.`,
    );
  };
  // Who holds no token of the collector is no witness here either.
  const parts = { journal, ask: refuse, access: new MemoryAccess(async () => undefined), witnessToken: () => '' };
  return served(options, parts, () => undefined);
}

type Parts = Pick<Served, 'journal' | 'ask' | 'access' | 'witnessToken'>;

async function served(options: CollectorOptions, parts: Parts, lookAtAccess: () => void): Promise<Beside> {
  const { journal } = parts;
  const { dir } = options;
  const heads = new HeadWatch(journal);
  await heads.look();
  const [genesis] = await journal.rows(0, 1);
  const origin = genesis === undefined ? '' : String(parseCanonical(genesis.leaf)['origin']);
  const alive = (): (Alive & { running: boolean }) | undefined => readAlive(dir.alive, Date.now());
  // A failed look is no end of the page: the next one may succeed, and what was known stays.
  const timer = setInterval(() => {
    try {
      lookAtAccess();
    } catch (error) {
      options.notice((error as Error).message);
    }
    heads.look().catch((error: unknown) => options.notice((error as Error).message));
  }, LOOK_BESIDE_MS);
  timer.unref();
  const all: Served = {
    software: options.software,
    origin,
    ...parts,
    live: () => {
      const said = alive();
      return {
        living: said?.running === true ? said.living : [],
        frozen: said?.frozen ?? '',
        verification: said?.verification,
        whole: said?.whole,
      };
    },
    settings: () => readShownSettings(options),
    settingsFact: () => settingsOf(dir, alive()),
    catalogue: () => catalogueInForce(journal),
    head: () => heads.head,
    onHead: (listener) => heads.onHead(listener),
  };
  return {
    backend: serverBackend(all),
    close: () => {
      clearInterval(timer);
      journal.close();
    },
  };
}
