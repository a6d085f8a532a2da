import type { PkgRecord } from '@outwitness/event';
import type { Draft, Sink } from '@outwitness/interceptor';
import type { SpoolWriter, Unnumbered } from '@outwitness/spool';
import type { Package } from './attribution/package-of.ts';
import type { Timers } from './timers.ts';

/** Enough for what the watcher says while it is being put in place. */
const MOST_EARLY = 256;

type Intent = Parameters<Sink['intent']>[0];
type Other = Parameters<Sink['record']>[0];

/** Puts the records of the watcher into the spool, and before the first record that names a package one that describes it. */
export class SpoolSink implements Sink {
  readonly #describe: (name: string, version: string | undefined) => Package | undefined;
  /** Versions by name: joining both to one text for every record costs more than all the rest here. */
  readonly #described = new Map<string, Set<string | undefined>>();
  #writer: SpoolWriter | undefined;
  #timers: Timers | undefined;
  #early: Unnumbered[] = [];

  /** @param describe knows the packages that were named */
  constructor(describe: (name: string, version: string | undefined) => Package | undefined) {
    this.#describe = describe;
  }

  /** Records that came before are written now. */
  attach(writer: SpoolWriter, timers: Timers): void {
    this.#writer = writer;
    this.#timers = timers;
    for (const record of this.#early.splice(0)) writer.writeLater(record);
  }

  intent(record: Intent): void {
    this.#introduce(record);
    if (this.#writer === undefined) return this.#keep(record);
    this.#writer.writeNow(record);
    this.#timers?.lookAfter();
  }

  record(record: Other): void {
    this.#introduce(record);
    if (this.#writer === undefined) this.#keep(record);
    else this.#writer.writeLater(record);
  }

  #keep(record: Unnumbered): void {
    if (this.#early.length < MOST_EARLY) this.#early.push(record);
  }

  #introduce(record: Intent | Other): void {
    if ((record.kind !== 'open' && record.kind !== 'conn' && record.kind !== 'done') || record.package === undefined)
      return;
    const { package: name, packageVersion: version } = record;
    let versions = this.#described.get(name);
    if (versions?.has(version) === true) return;
    if (versions === undefined) this.#described.set(name, (versions = new Set()));
    versions.add(version);
    const pkg = packageRecord(name, version, this.#describe(name, version), record.time);
    if (this.#writer === undefined) this.#keep(pkg);
    else this.#writer.writeLater(pkg);
  }
}

function packageRecord(
  name: string,
  version: string | undefined,
  known: Package | undefined,
  time: number,
): Draft<PkgRecord> {
  const record: Draft<PkgRecord> = { kind: 'pkg', time, package: name };
  if (version !== undefined) record.packageVersion = version;
  if (known?.author !== undefined) record.packageAuthor = known.author;
  if (known?.manifest !== undefined) record.manifest = known.manifest;
  return record;
}
