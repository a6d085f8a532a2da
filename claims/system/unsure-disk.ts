/** A disk that has surely only what was synced: it replays what was written and tells what may be there after a power cut. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import type { DiskStep } from './write-trace.ts';

/** A change of a file that is not synced yet. */
type Change = { readonly size: number } | { readonly at: number; readonly bytes: Buffer };

interface Inode {
  readonly folder: boolean;
  /** As of the last fsync. */
  synced: Buffer;
  /** As programs see it. */
  now: Buffer;
  changes: Change[];
}

interface Entry {
  readonly path: string;
  /** Undefined: the name is gone. */
  readonly inode: Inode | undefined;
}

/** Which of the changes that were not synced are on the disk all the same. */
export interface Luck {
  /** Names come in order: so many of the newest are lost. */
  names(unsynced: number): number;
  /** Of one page of one write, or of one truncation. */
  page(path: string): boolean;
  /** Of a file that is only appended to: bytes that are kept of those not synced. */
  tail(path: string, unsynced: number): number | undefined;
}

/** What is written and kept together. */
const PAGE = 4_096;

export class UnsureDisk {
  readonly #names = new Map<string, Inode>();
  readonly #syncedNames = new Map<string, Inode>();
  #entries: Entry[] = [];

  apply(step: DiskStep): void {
    const inode = this.#names.get(step.path);
    switch (step.kind) {
      case 'create':
      case 'mkdir':
        if (inode === undefined) this.#name(step.path, fresh(step.kind === 'mkdir'));
        break;
      case 'unlink':
        if (inode !== undefined) this.#name(step.path, undefined);
        break;
      case 'rename':
        if (inode === undefined) break;
        this.#name(step.to, inode);
        this.#name(step.path, undefined);
        break;
      case 'truncate':
        this.#change(step.path, { size: step.size });
        break;
      case 'write':
        this.#change(step.path, { at: step.at < 0 ? (inode?.now.length ?? 0) : step.at, bytes: step.bytes });
        break;
      case 'sync':
        this.#sync(step.path, inode);
        break;
    }
  }

  /** What nobody can lose any more of a file, wherever its name is. */
  synced(path: string): Buffer | undefined {
    return (this.#names.get(path) ?? this.#syncedNames.get(path))?.synced;
  }

  /** Writes what is found after a power cut at this moment into an empty folder. */
  restoreTo(folder: string, luck: Luck): void {
    const names = new Map(this.#syncedNames);
    const kept = this.#entries.slice(0, this.#entries.length - luck.names(this.#entries.length));
    for (const { path, inode } of kept) {
      if (inode === undefined) names.delete(path);
      else names.set(path, inode);
    }
    for (const [path, inode] of names) {
      if (!isReachable(path, names)) continue;
      const target = join(folder, path);
      mkdirSync(inode.folder ? target : dirname(target), { recursive: true });
      if (!inode.folder) writeFileSync(target, found(path, inode, luck), { mode: 0o600 });
    }
  }

  #name(path: string, inode: Inode | undefined): void {
    if (inode === undefined) this.#names.delete(path);
    else this.#names.set(path, inode);
    this.#entries.push({ path, inode });
  }

  #change(path: string, change: Change): void {
    let inode = this.#names.get(path);
    if (inode === undefined) this.#name(path, (inode = fresh(false)));
    inode.now = changed(inode.now, change);
    inode.changes.push(change);
  }

  /** An fsync of a folder makes its names durable, one of a file its bytes only. */
  #sync(path: string, inode: Inode | undefined): void {
    if (inode !== undefined && !inode.folder) {
      inode.synced = inode.now;
      inode.changes = [];
      return;
    }
    const within = (entry: Entry): boolean => dirname(entry.path) === path;
    for (const entry of this.#entries.filter(within)) {
      if (entry.inode === undefined) this.#syncedNames.delete(entry.path);
      else this.#syncedNames.set(entry.path, entry.inode);
    }
    this.#entries = this.#entries.filter((entry) => !within(entry));
  }
}

/** What lies in a folder whose own name was lost is lost with it. */
function isReachable(path: string, names: ReadonlyMap<string, Inode>): boolean {
  const above = dirname(path);
  return above === '.' || (names.has(above) && isReachable(above, names));
}

function fresh(folder: boolean): Inode {
  return { folder, synced: Buffer.alloc(0), now: Buffer.alloc(0), changes: [] };
}

function changed(content: Buffer, change: Change): Buffer {
  if ('size' in change) {
    const cut = Buffer.alloc(change.size);
    content.copy(cut, 0, 0, Math.min(content.length, change.size));
    return cut;
  }
  const end = change.at + change.bytes.length;
  const grown =
    end > content.length ? Buffer.concat([content, Buffer.alloc(end - content.length)]) : Buffer.from(content);
  change.bytes.copy(grown, change.at);
  return grown;
}

function found(path: string, { synced, now, changes }: Inode, luck: Luck): Buffer {
  const tail = luck.tail(path, now.length - synced.length);
  if (tail !== undefined) return now.subarray(0, synced.length + tail);
  let content = synced;
  for (const change of changes) {
    if ('size' in change) {
      if (luck.page(path)) content = changed(content, change);
      continue;
    }
    for (let at = change.at; at < change.at + change.bytes.length;) {
      const end = Math.min(change.at + change.bytes.length, (Math.floor(at / PAGE) + 1) * PAGE);
      if (luck.page(path))
        content = changed(content, { at, bytes: change.bytes.subarray(at - change.at, end - change.at) });
      at = end;
    }
  }
  return content;
}
