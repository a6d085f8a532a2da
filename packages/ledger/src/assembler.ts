import type { NetDraft, SpoolRecord } from '@outwitness/event';
import { Calls } from './calls.ts';
import type { Members } from './cleaning.ts';
import { type DrainedFile, writerOf } from './drained-file.ts';
import { decodePending, encodePending, type Pending } from './pending.ts';
import { damageRow, goneRow, recordRows, silentRow } from './other-rows.ts';
import { StateTable } from './state-table.ts';
import type { StateEntry } from './store.ts';
import {
  decodeWriter,
  manifestKey,
  encodeWriter,
  greet,
  newWriter,
  packageKey,
  packageOf,
  type Writer,
  type WriterEntry,
  type WriterPackage,
} from './writer-state.ts';

/** Most packages that one writer may introduce. */
const MOST_PACKAGES = 10_000;

/** µs for which a writer is remembered after its `bye` or what came after it: an exit handler may write a segment of its own. */
const AFTER_BYE = 60_000_000;

/** A row before it has a place in the chain. */
export interface RowDraft {
  /** `kind`, `time` and the members of that kind. */
  readonly members: Members | NetDraft;
  /** `net` rows: text of the egress manifest of the package. */
  readonly manifest?: string;
}

/** What the store held when the assembler was made. */
export interface AssemblerState {
  readonly pending: readonly StateEntry[];
  readonly writers: readonly StateEntry[];
  /** Texts of the manifests that `writers` names, by SHA-256. */
  readonly texts: ReadonlyMap<string, string>;
}

/**
 * Makes rows of records: a pure function of (state, records in file order, now), see docs/formats/chain.md, "Assembly".
 * Its state lies in `pending` and `writers`; an assembler made from what was committed goes on where that commit ended.
 */
export class Assembler {
  readonly pending: StateTable<Pending> = new StateTable(encodePending);
  readonly writers: StateTable<WriterEntry> = new StateTable(encodeWriter);
  /** Manifest texts that the store may lack. */
  readonly newTexts: Map<string, string> = new Map();
  readonly #texts: Map<string, string>;
  readonly #calls: Calls;
  #rows: RowDraft[] = [];

  constructor(state: AssemblerState) {
    this.#texts = new Map(state.texts);
    this.writers.load(state.writers, decodeWriter);
    for (const entry of this.writers.values()) {
      if (entry.type === 'package')
        this.#writer(entry.writer)?.packages.add(packageKey(entry.writer, entry.package, entry.packageVersion));
    }
    this.pending.load(state.pending, decodePending);
    this.#calls = new Calls({
      pending: this.pending,
      writer: (name) => this.#writer(name),
      source: (writer, fields) => this.#source(writer, fields),
      row: (draft, source) => this.#rows.push(manifestBeside(draft, source, this.#texts)),
    });
  }

  /** @param now µs, the collector's wall clock; the same for everything of one batch */
  drain(file: DrainedFile, now: number): void {
    const { writer: name, pid, thread } = writerOf(file.name);
    let writer = this.#writer(name);
    if (writer === undefined) {
      if (file.records.length === 0 && file.damage.length === 0) return;
      writer = newWriter(name, pid, thread, file.owner, file.name);
      this.writers.set(name, writer);
    }
    if (file.records.length > 0) {
      Object.assign(writer, { owner: file.owner, spool: file.name, silent: false });
      if (writer.left > 0) writer.left = now;
    }
    for (const record of file.records) this.#record(writer, file, record, now);
    for (const damage of file.damage) this.#rows.push({ members: damageRow(writer, file, damage, now) });
    this.writers.touch(name);
  }

  /** The writer's process has ended and its files were drained to their ends. */
  gone(name: string, now: number): void {
    const writer = this.#writer(name);
    if (writer === undefined) return;
    this.#calls.end(writer, writer.left > 0 ? 'aborted' : 'lost');
    for (const members of goneRow(writer, now)) this.#rows.push({ members });
    this.#remove(writer);
  }

  /** The writer's process exists and nothing came for 20 s. Makes one row per silence. */
  silent(name: string, now: number): void {
    const writer = this.#writer(name);
    if (writer === undefined || writer.silent) return;
    writer.silent = true;
    this.writers.touch(name);
    this.#rows.push({ members: silentRow(writer, now) });
  }

  /** Calls and connections that have been open for 30 s; writers that said `bye` and then nothing for a minute. */
  due(now: number): void {
    this.#calls.due(now);
    for (const entry of this.writers.values()) {
      if (entry.type === 'writer' && entry.left > 0 && now - entry.left > AFTER_BYE) this.gone(entry.name, now);
    }
  }

  /** The rows made since the last call. */
  take(): RowDraft[] {
    const rows = this.#rows;
    this.#rows = [];
    return rows;
  }

  /** Owners of the spool files whose writers are still there, the collector's own file apart. */
  owners(exceptPid: number | undefined): Set<number> {
    const owners = new Set<number>();
    for (const entry of this.writers.values()) {
      if (entry.type === 'writer' && entry.pid !== exceptPid) owners.add(entry.owner);
    }
    return owners;
  }

  #record(writer: Writer, file: DrainedFile, record: SpoolRecord, now: number): void {
    const first = !writer.known;
    switch (record.kind) {
      case 'hello':
        if (first) greet(writer, record);
        // A process that could not be replaced by another program goes on after its `bye`.
        else writer.left = 0;
        break;
      case 'pkg':
        this.#package(writer, packageOf(writer.name, record), record.time, file.name, record.n);
        break;
      case 'open':
        this.#calls.open(writer, file.name, record, now);
        break;
      case 'conn':
        this.#calls.conn(writer, file.name, record, now);
        break;
      case 'claim':
        this.#calls.claim(writer, record);
        break;
      case 'done':
        this.#calls.done(writer, record);
        break;
      case 'part':
        // Accepted only under an officer's order, and nobody has given one.
        writer.dropped++;
        break;
      case 'bye':
        if (record.reason !== 'rotate') {
          writer.left = now;
          this.#calls.end(writer, 'aborted');
        }
        break;
      case 'gap':
      case 'hook':
      case 'settings':
      case 'beat':
        break;
    }
    for (const members of recordRows(writer, file, record, first)) this.#rows.push({ members });
  }

  #package(
    writer: Writer,
    { entry, manifest }: ReturnType<typeof packageOf>,
    time: number,
    spool: string,
    spoolSeq: number,
  ): void {
    const key = packageKey(entry.writer, entry.package, entry.packageVersion);
    if (writer.packages.has(key)) return;
    if (writer.packages.size >= MOST_PACKAGES) {
      writer.dropped++;
      return;
    }
    writer.packages.add(key);
    this.writers.set(key, entry);
    if (entry.manifest === undefined || manifest === undefined) return;
    this.#texts.set(entry.manifest, manifest);
    this.newTexts.set(entry.manifest, manifest);
    this.#tellManifest(writer, { ...entry, manifest: entry.manifest }, { time, spool, spoolSeq });
  }

  /** The manifest that judges a package's calls is in the record before the first of them. */
  #tellManifest(writer: Writer, said: WriterPackage & { readonly manifest: string }, place: Members): void {
    const { package: name, packageVersion, packageAuthor, manifest } = said;
    const known = { type: 'manifest', package: name, packageVersion, manifest } as const;
    const key = manifestKey(known);
    if (this.writers.get(key) !== undefined) return;
    this.writers.set(key, known);
    this.#rows.push({
      members: {
        kind: 'policy',
        event: 'manifest',
        package: name,
        packageVersion,
        ...(packageAuthor === undefined ? {} : { packageAuthor }),
        manifestSha256: manifest,
        text: `${name} ${packageVersion} declares where it sends`.slice(0, 300),
        app: writer.app,
        pid: writer.pid,
        thread: writer.thread,
        ...place,
      },
    });
  }

  #source(writer: Writer, fields: Members): WriterPackage | undefined {
    const name = fields['package'];
    if (typeof name !== 'string') return undefined;
    const entry = this.writers.get(packageKey(writer.name, name, String(fields['packageVersion'] ?? '')));
    return entry?.type === 'package' ? entry : undefined;
  }

  #remove(writer: Writer): void {
    for (const key of writer.packages) this.writers.delete(key);
    this.writers.delete(writer.name);
  }

  #writer(name: string): Writer | undefined {
    const entry = this.writers.get(name);
    return entry?.type === 'writer' ? entry : undefined;
  }
}

function manifestBeside(
  draft: NetDraft,
  source: WriterPackage | undefined,
  texts: ReadonlyMap<string, string>,
): RowDraft {
  const manifest = source?.manifest === undefined ? undefined : texts.get(source.manifest);
  return manifest === undefined ? { members: draft } : { members: draft, manifest };
}
