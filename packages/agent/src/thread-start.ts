import { getEnvironmentData, isMainThread, setEnvironmentData } from 'node:worker_threads';

const KEY = 'outwitness.thread';

/** What a thread is told by the one that starts it, beside the environment that the application gives it. */
export interface OwnStart {
  /** Variables that its agent needs. */
  readonly env: { readonly [name: string]: string };
  /** What `process.execArgv` would be without us. */
  readonly execArgv?: readonly string[];
}

/** Data of the environment are copied by the constructor of a Worker: they are there for that moment only. */
export function tellThread(start: OwnStart): () => void {
  setEnvironmentData(KEY, start);
  return () => setEnvironmentData(KEY, undefined);
}

/** Takes what this thread was told, so that its environment looks as the application made it. */
export function takeOwnStart(): OwnStart | undefined {
  if (isMainThread) return undefined;
  const start = getEnvironmentData(KEY) as unknown as OwnStart | undefined;
  setEnvironmentData(KEY, undefined);
  if (start?.execArgv !== undefined) process.execArgv.splice(0, process.execArgv.length, ...start.execArgv);
  return start;
}
