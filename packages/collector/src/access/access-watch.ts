import { statSync } from 'node:fs';
import { AccessTable } from '@outwitness/server';
import { readAccess } from './access-file.ts';
import type { AccessView } from './access-over.ts';
import type { IssuerEntry } from './issuers.ts';
import type { User } from './users.ts';

/** Follows `access.json`, which another process writes: each question looks whether it is another file by now. */
export class AccessWatch implements AccessView {
  readonly #path: string;
  readonly #table: AccessTable;
  readonly #listeners = new Set<() => void>();
  #users: readonly User[] = [];
  #issuers: readonly IssuerEntry[] = [];
  #witness = '';
  #seen = '';

  /** @throws OutwitnessError `access-unreadable` */
  constructor(path: string) {
    this.#path = path;
    this.#table = new AccessTable(Date.now);
    this.look();
  }

  table(): AccessTable {
    this.look();
    return this.#table;
  }

  get witness(): string {
    this.look();
    return this.#witness;
  }

  users(): readonly User[] {
    this.look();
    return this.#users;
  }

  issuers(): readonly IssuerEntry[] {
    this.look();
    return this.#issuers;
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Takes over what the file holds, if it is another one than before. */
  look(): void {
    const stat = statSync(this.#path, { throwIfNoEntry: false, bigint: true });
    const seen = `${stat?.ino} ${stat?.mtimeNs} ${stat?.size}`;
    if (seen === this.#seen) return;
    const { users, witness, issuers = [], ...entries } = readAccess(this.#path);
    this.#seen = seen;
    this.#users = users;
    this.#witness = witness;
    this.#issuers = issuers;
    this.#table.replace(entries);
    for (const listener of this.#listeners) listener();
  }
}
