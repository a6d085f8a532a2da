/** The stream of new heads, for the whole page. */
import type { HeadJson } from '@outwitness/server';
import { createContext, type ReactNode, useContext, useEffect, useState } from 'react';

export interface LiveState {
  readonly head: HeadJson | undefined;
  readonly connected: boolean;
}

const Live = createContext<LiveState>({ head: undefined, connected: false });

export function useLive(): LiveState {
  return useContext(Live);
}

/** A hidden page holds no connection: browsers allow six to one server, for all tabs together. */
export function LiveProvider({ children }: { readonly children: ReactNode }): ReactNode {
  const [state, setState] = useState<LiveState>({ head: undefined, connected: false });

  useEffect(() => {
    let source: EventSource | undefined;
    let again: ReturnType<typeof setTimeout> | undefined;

    const open = (): void => {
      clearTimeout(again);
      if (source !== undefined || document.hidden) return;
      const opened = new EventSource('/api/live');
      source = opened;
      opened.addEventListener('open', () => setState(({ head }) => ({ head, connected: true })));
      opened.addEventListener('head', (event) => {
        setState({ head: JSON.parse((event as MessageEvent<string>).data) as HeadJson, connected: true });
      });
      opened.addEventListener('error', () => {
        setState(({ head }) => ({ head, connected: false }));
        // The browser tries again by itself unless the answer was an error.
        if (opened.readyState !== EventSource.CLOSED) return;
        source = undefined;
        again = setTimeout(open, 3_000);
      });
    };
    const close = (): void => {
      clearTimeout(again);
      source?.close();
      source = undefined;
    };
    const follow = (): void => (document.hidden ? close() : open());

    open();
    document.addEventListener('visibilitychange', follow);
    return () => {
      document.removeEventListener('visibilitychange', follow);
      close();
    };
  }, []);

  return <Live value={state}>{children}</Live>;
}
