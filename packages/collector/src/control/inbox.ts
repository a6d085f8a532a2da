import { lstatSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { readFrameFile, writeFrameFile } from './one-frame.ts';
import { type ControlAnswer, type ControlRequest, failure, toRequest } from './requests.ts';

const ENTRY = /^[0-9a-z]{9}-\d{1,10}-[0-9a-f]{8}\.(request|answer|new)$/;
/** Most entries handled in one turn. */
const MOST = 1_024;
/** What nobody came for is removed after so long, ms. */
const STALE_MS = 60_000;

/** A request and the name under which it is answered. */
export interface Received {
  readonly name: string;
  readonly request: ControlRequest;
}

/** The collector's side of `control/`. Whatever lies there was written by somebody else; see docs/formats/control.md. */
export class Inbox {
  readonly #folder: string;
  readonly #owners: readonly number[] | undefined;
  /** Requests that were handed out and wait for their answer. */
  readonly #open = new Set<string>();
  /** What can neither be read nor removed: told once. */
  readonly #stuck = new Set<string>();

  constructor(folder: string) {
    this.#folder = folder;
    const uid = process.getuid?.();
    this.#owners = uid === undefined ? undefined : [uid, 0];
  }

  /**
   * Looks for new requests, oldest first; each is handed out once.
   *
   * @param now ms since 1970
   * @returns them, and how many entries were none and were thrown away
   */
  look(now: number): { requests: Received[]; foreign: number } {
    const requests: Received[] = [];
    let foreign = 0;
    const names = readdirSync(this.#folder).filter((name) => ENTRY.test(name) && !this.#stuck.has(name));
    const asked = names.filter((name) => name.endsWith('.request'));
    for (const name of names.slice(0, MOST)) if (!name.endsWith('.request')) this.#sweep(name, now);
    for (const name of asked.sort().slice(0, MOST)) {
      if (this.#open.has(name)) continue;
      const object = readFrameFile(join(this.#folder, name), this.#owners);
      const request = object === undefined ? undefined : toRequest(object);
      if (request !== undefined) {
        this.#open.add(name);
        requests.push({ name, request });
      } else if (lstatSync(join(this.#folder, name), { throwIfNoEntry: false }) !== undefined) {
        foreign++;
        this.#remove(name);
      }
    }
    return { requests, foreign };
  }

  /** Tells the asker that it is done. */
  answer(name: string, answer: ControlAnswer | Error): void {
    const path = join(this.#folder, name.slice(0, -'.request'.length));
    const object = answer instanceof Error ? failure(answer) : { ...answer, ok: true };
    try {
      // An asker that gave up has taken its request away: nobody would come for the answer.
      if (lstatSync(`${path}.request`, { throwIfNoEntry: false }) !== undefined)
        writeFrameFile(path, 'answer', object, undefined);
    } finally {
      rmSync(`${path}.request`, { force: true });
      this.#open.delete(name);
    }
  }

  #sweep(name: string, now: number): void {
    const stat = lstatSync(join(this.#folder, name), { throwIfNoEntry: false });
    if (stat !== undefined && now - stat.mtimeMs > STALE_MS) this.#remove(name);
  }

  #remove(name: string): void {
    try {
      rmSync(join(this.#folder, name), { force: true });
    } catch {
      this.#stuck.add(name); // a directory
    }
  }
}
