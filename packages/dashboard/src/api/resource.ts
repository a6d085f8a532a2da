import { useEffect, useRef, useState } from 'react';

import { RequestError } from './client.ts';

export interface Resource<T> {
  /** Stays while newer data is on its way. */
  readonly data: T | undefined;
  readonly error: RequestError | undefined;
  readonly loading: boolean;
}

interface Loaded<T> {
  readonly key: string;
  readonly version: number;
  readonly data: T | undefined;
  readonly error: RequestError | undefined;
}

/**
 * What `load` gives for `key`. A new `version` of the same key loads again behind the shown data; a new key shows nothing
 * old. `load` may be made anew by each render: key and version say when to ask.
 */
export function useResource<T>(
  key: string,
  version: number,
  load: (signal: AbortSignal) => Promise<T>,
  onSignedOut: () => void,
): Resource<T> {
  const [loaded, setLoaded] = useState<Loaded<T>>({ key: '', version: -1, data: undefined, error: undefined });
  const running = useRef({ key, abort: new AbortController() });

  useEffect(() => {
    // A refresh does not cut off the one before it, or a busy ledger would keep the page from ever getting an answer.
    if (running.current.key !== key || running.current.abort.signal.aborted) {
      running.current.abort.abort();
      running.current = { key, abort: new AbortController() };
    }
    const { signal } = running.current.abort;
    const settle = (data: T | undefined, error: RequestError | undefined): void => {
      if (signal.aborted) return;
      if (error?.code === 'signed-out') onSignedOut();
      setLoaded((before) => {
        if (before.key !== key) return { key, version, data, error };
        if (before.version > version) return before;
        // A failed refresh keeps what is shown and says so.
        return { key, version, data: data ?? before.data, error };
      });
    };
    load(signal).then(
      (data) => settle(data, undefined),
      (error: unknown) => settle(undefined, asRequestError(error)),
    );
  }, [key, version]);

  useEffect(() => () => running.current.abort.abort(), []);

  const current = loaded.key === key;
  return {
    data: current ? loaded.data : undefined,
    error: current ? loaded.error : undefined,
    loading: !current || loaded.version < version,
  };
}

export function asRequestError(error: unknown): RequestError {
  return error instanceof RequestError ? error : new RequestError(0, 'unknown', String(error));
}

/** `value`, but at most one change in `ms`: the first at once, the last for certain. */
export function useThrottled(value: number, ms: number): number {
  const [shown, setShown] = useState(value);
  const last = useRef(0);
  useEffect(() => {
    const wait = Math.max(0, last.current + ms - performance.now());
    const timer = setTimeout(() => {
      last.current = performance.now();
      setShown(value);
    }, wait);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return shown;
}
