import { existsSync } from 'node:fs';
import type http from 'node:http';
import { createRequire } from 'node:module';
import path from 'node:path';

const FOLDER = path.join(import.meta.dirname, '../../../test/streams');

/** Why the clients of test/streams cannot be tried, or `false`. */
export const NO_CLIENTS: string | false =
  !existsSync(path.join(FOLDER, 'node_modules')) && 'test/streams is not installed: "npm run test:nodes" does that';

type Listener = (...args: never[]) => void;

interface Emitter {
  on(event: string, listener: Listener): this;
  once(event: string, listener: Listener): this;
}

export interface WsSocket extends Emitter {
  send(data: string | Buffer): void;
  close(code?: number): void;
  terminate(): void;
}

export interface Ws {
  new (url: string, options?: object): WsSocket;
  readonly WebSocketServer: new (options: object) => Emitter & { close(): void };
}

export interface SocketIo {
  readonly Server: new (server: http.Server, options?: object) => Emitter & { close(): Promise<void> };
}

export interface IoSocket extends Emitter {
  emit(event: string, ...args: unknown[]): void;
  disconnect(): void;
}

export interface SocketIoClient {
  io(url: string, options: object): IoSocket;
}

interface Metadata {
  readonly [key: string]: unknown;
}

type Answer = (error: { code?: number } | null, value?: Buffer) => void;

export interface Grpc {
  readonly Server: new () => {
    addService(definition: object, handlers: object): void;
    bindAsync(address: string, credentials: object, done: (error: Error | null, port: number) => void): void;
    forceShutdown(): void;
  };
  readonly ServerCredentials: { createInsecure(): object };
  readonly credentials: { createInsecure(): object };
  readonly Client: new (
    address: string,
    credentials: object,
  ) => {
    makeUnaryRequest(
      path: string,
      serialize: (value: Buffer) => Buffer,
      deserialize: (bytes: Buffer) => Buffer,
      argument: Buffer,
      answer: Answer,
    ): { cancel(): void };
    close(): void;
  };
  readonly Metadata: new () => Metadata;
}

export function load(name: 'ws'): Ws;
export function load(name: 'socket.io'): SocketIo;
export function load(name: 'socket.io-client'): SocketIoClient;
export function load(name: '@grpc/grpc-js'): Grpc;
export function load(name: string): unknown {
  return createRequire(path.join(FOLDER, 'package.json'))(name);
}
