import { createHash } from 'node:crypto';
import { canonical, type HelloRecord, type PkgRecord, parseCanonical, RECORD_FIELDS } from '@outwitness/event';
import { ownFields } from './cleaning.ts';
import { NumberSet } from './number-set.ts';
import type { OpenCall, OpenConn } from './pending.ts';
import type { StateEntry } from './store.ts';

/** What is known about one writer (a thread of an audited process). */
export interface Writer {
  readonly type: 'writer';
  readonly name: string;
  app: string;
  pid: number;
  thread: number;
  /** uid that owns its file. */
  owner: number;
  /** Name of its newest segment. */
  spool: string;
  /** Its `hello` was seen. */
  known: boolean;
  /** µs, when its `bye` other than `rotate`, or what came after it, was drained; 0 = not yet. */
  left: number;
  /** Called silent, and no record since. */
  silent: boolean;
  /** Guard hits reported so far. */
  faults: number;
  /** Records dropped so far, and how many of them a gap row tells. */
  dropped: number;
  droppedTold: number;
  readonly callNumbers: NumberSet;
  readonly connNumbers: NumberSet;
  /** Derived from `pending`: not stored. */
  readonly calls: Map<number, OpenCall>;
  readonly conns: Map<number, OpenConn>;
  /** Keys of its packages. Derived: not stored. */
  readonly packages: Set<string>;
}

/** What a `pkg` record said. */
export interface WriterPackage {
  readonly type: 'package';
  readonly writer: string;
  readonly package: string;
  readonly packageVersion: string;
  readonly packageAuthor?: string;
  /** SHA-256 of the manifest's text, which lies in `texts`. */
  readonly manifest?: string;
}

/** A manifest that has its `policy` row. Outlives its writer, so that each is told once. */
export interface KnownManifest {
  readonly type: 'manifest';
  readonly package: string;
  readonly packageVersion: string;
  /** SHA-256 of the text. */
  readonly manifest: string;
}

export type WriterEntry = Writer | WriterPackage | KnownManifest;

/** App of a writer whose `hello` is missing. */
const UNKNOWN_APP = '(unknown)';

export function newWriter(name: string, pid: number, thread: number, owner: number, spool: string): Writer {
  return {
    type: 'writer',
    name,
    app: UNKNOWN_APP,
    pid,
    thread,
    owner,
    spool,
    known: false,
    left: 0,
    silent: false,
    faults: 0,
    dropped: 0,
    droppedTold: 0,
    callNumbers: new NumberSet(),
    connNumbers: new NumberSet(),
    calls: new Map(),
    conns: new Map(),
    packages: new Set(),
  };
}

/** Takes over what `hello` says. */
export function greet(writer: Writer, hello: HelloRecord): void {
  const { app, pid, thread } = ownFields(hello, RECORD_FIELDS['hello'] ?? {}, ['app', 'pid', 'thread']);
  Object.assign(writer, { app, pid, thread, known: true });
}

/** ASCII whatever the names hold, so that the order of keys is that of their bytes. */
export function packageKey(writer: string, name: string, version: string): string {
  return `${writer}/pkg/${encodeURIComponent(name)}@${encodeURIComponent(version)}`;
}

export function manifestKey({ package: name, packageVersion, manifest }: KnownManifest): string {
  return `manifest/${encodeURIComponent(name)}@${encodeURIComponent(packageVersion)}/${manifest}`;
}

/** @returns the entry, and the manifest's text beside it, both cut to their limits */
export function packageOf(writer: string, record: PkgRecord): { entry: WriterPackage; manifest: string | undefined } {
  const said = ownFields(record, RECORD_FIELDS['pkg'] ?? {}, [
    'package',
    'packageVersion',
    'packageAuthor',
    'manifest',
  ]);
  const manifest = said['manifest'] as string | undefined;
  const entry: WriterPackage = {
    type: 'package',
    writer,
    package: String(said['package']),
    packageVersion: String(said['packageVersion'] ?? ''),
    ...(said['packageAuthor'] === undefined ? {} : { packageAuthor: String(said['packageAuthor']) }),
    ...(manifest === undefined ? {} : { manifest: sha256Hex(manifest) }),
  };
  return { entry, manifest };
}

/** `record` of the table `writers`. */
export function encodeWriter(entry: WriterEntry): string {
  if (entry.type !== 'writer') return canonical({ ...entry });
  const { type, name, app, pid, thread, owner, spool, known, left, silent, faults, dropped, droppedTold } = entry;
  return canonical({
    type,
    name,
    app,
    pid,
    thread,
    owner,
    spool,
    known,
    left,
    silent,
    faults,
    dropped,
    droppedTold,
    callNumbers: entry.callNumbers.toRuns(),
    connNumbers: entry.connNumbers.toRuns(),
  });
}

/** Reads back what {@link encodeWriter} wrote. */
export function decodeWriter(stored: StateEntry): WriterEntry {
  const record = parseCanonical(stored.record);
  if (record['type'] !== 'writer') return { ...record } as unknown as WriterPackage | KnownManifest;
  const runs = (name: string): NumberSet => new NumberSet(record[name] as readonly string[]);
  const derived = { calls: new Map(), conns: new Map(), packages: new Set<string>() };
  return {
    ...record,
    callNumbers: runs('callNumbers'),
    connNumbers: runs('connNumbers'),
    ...derived,
  } as unknown as Writer;
}

export function sha256Hex(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
