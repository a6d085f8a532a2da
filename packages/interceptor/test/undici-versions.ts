import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { Duplex } from 'node:stream';

const FOLDER = path.join(import.meta.dirname, '../../../test/undici');

/** Majors of undici that are tried if test/undici is installed. */
export const UNDICI_VERSIONS = [5, 6, 7, 8] as const;

interface Answered {
  body: { text(): Promise<string> };
}

interface Dispatcher {
  request(options: { path: string; method: string; signal?: AbortSignal }): Promise<Answered>;
  close(): Promise<void>;
  destroy(): Promise<void>;
}

export interface Undici {
  request(url: string, options?: { dispatcher: object }): Promise<Answered>;
  stream(url: string, options: { method: string }, factory: () => NodeJS.WritableStream): Promise<unknown>;
  pipeline(url: string, options: { method: string }, handler: (answer: { body: Duplex }) => Duplex): Duplex;
  Pool: new (origin: string, options: object) => Dispatcher;
  Client: new (origin: string, options: object) => Dispatcher;
  Agent: new () => { close(): Promise<void> };
  ProxyAgent: new (options: object) => { close(): Promise<void> };
  MockAgent: new () => {
    disableNetConnect(): void;
    get(origin: string): { intercept(what: { path: string }): { reply(status: number, body: string): void } };
    close(): Promise<void>;
  };
}

/** The module, or why it cannot be tried. */
export function loadUndici(version: number): Undici | string {
  if (!existsSync(path.join(FOLDER, 'node_modules')))
    return 'test/undici is not installed: "npm run test:nodes" does that';
  const require = createRequire(path.join(FOLDER, 'package.json'));
  try {
    return require(`undici${version}`) as Undici;
  } catch (error) {
    return `undici${version} cannot be loaded on ${process.version}: ${String(error)}`;
  }
}
