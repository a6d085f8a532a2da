import { useCallback, useEffect, useRef, useState } from 'react';

import { rows as askRows, type RequestError } from '../api/client.ts';
import { asRequestError } from '../api/resource.ts';
import { firstWindow, PAGE, type RowWindow, withNewer, withOlder } from './row-window.ts';

export interface Rows {
  readonly window: RowWindow | undefined;
  readonly error: RequestError | undefined;
  /** Which end is being asked for. */
  readonly busy: 'first' | 'older' | 'newer' | undefined;
  readonly loadOlder: () => void;
  readonly loadNewer: () => void;
}

type Ask = 'first' | 'older' | 'newer';

/**
 * @param selection filters and bounds as a query
 * @param at the row to start at; `null` = the newest
 */
export function useRows(selection: string, at: number | null, onSignedOut: () => void): Rows {
  const [window, setWindow] = useState<RowWindow>();
  const [error, setError] = useState<RequestError>();
  const [busy, setBusy] = useState<Ask>();
  const current = useRef({ abort: new AbortController(), window: undefined as RowWindow | undefined, busy: false });

  const run = useCallback(
    async (ask: Ask): Promise<void> => {
      const state = current.current;
      if (state.busy) return;
      state.busy = true;
      setBusy(ask);
      try {
        const next = await load(ask, state.window, selection, at, state.abort.signal);
        if (state.abort.signal.aborted) return;
        state.window = next;
        setWindow(next);
        setError(undefined);
      } catch (caught) {
        if (state.abort.signal.aborted) return;
        const problem = asRequestError(caught);
        if (problem.code === 'signed-out') onSignedOut();
        setError(problem);
      } finally {
        state.busy = false;
        if (!state.abort.signal.aborted) setBusy(undefined);
      }
    },
    [selection, at, onSignedOut],
  );

  useEffect(() => {
    const state = { abort: new AbortController(), window: undefined, busy: false };
    current.current = state;
    setWindow(undefined);
    setError(undefined);
    void run('first');
    return () => state.abort.abort();
  }, [run]);

  const loadOlder = useCallback(() => {
    if (current.current.window?.older !== null) void run('older');
  }, [run]);
  const loadNewer = useCallback(() => void run('newer'), [run]);
  return { window, error, busy, loadOlder, loadNewer };
}

async function load(
  ask: Ask,
  window: RowWindow | undefined,
  selection: string,
  at: number | null,
  signal: AbortSignal,
): Promise<RowWindow> {
  const params = new URLSearchParams(selection);
  params.set('limit', String(PAGE));
  if (ask === 'first' || window === undefined) {
    if (at !== null) params.set('after', String(at + 1));
    const page = await askRows(params, signal);
    return firstWindow(page, at === null ? page.head.size - 1 : Math.min(at, page.head.size - 1));
  }
  if (ask === 'older') {
    if (window.older === null) return window;
    params.set('after', String(window.older));
    return withOlder(window, await askRows(params, signal));
  }
  params.set('order', 'oldest');
  params.set('after', String(window.newest));
  return withNewer(window, await askRows(params, signal));
}
