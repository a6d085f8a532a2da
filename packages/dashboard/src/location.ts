/** The URL is the state: which screen, which period, which filters. */
import { useSyncExternalStore } from 'react';

const CHANGED = 'outwitness:location';

function subscribe(listener: () => void): () => void {
  addEventListener('popstate', listener);
  addEventListener(CHANGED, listener);
  return () => {
    removeEventListener('popstate', listener);
    removeEventListener(CHANGED, listener);
  };
}

export interface Place {
  readonly path: string;
  readonly params: URLSearchParams;
}

export function usePlace(): Place {
  const href = useSyncExternalStore(subscribe, () => location.pathname + location.search);
  const [path = '/', query = ''] = href.split('?', 2);
  return { path, params: new URLSearchParams(query) };
}

/** @param replace leaves no step in the history: for a filter that is being refined */
export function go(href: string, replace = false): void {
  if (href === location.pathname + location.search) return;
  if (replace) history.replaceState(null, '', href);
  else history.pushState(null, '', href);
  dispatchEvent(new Event(CHANGED));
}

/** Path and parameters as one address; empty values are left out. */
export function hrefOf(path: string, params: Iterable<readonly [string, string]> = []): string {
  const query = new URLSearchParams(
    [...params].filter(([, value]) => value !== '').map(([name, value]) => [name, value]),
  );
  return query.size === 0 ? path : `${path}?${query.toString()}`;
}

/** The address of this screen with some parameters changed; `null` removes one. */
export function hrefWith({ path, params }: Place, changes: Record<string, string | null>): string {
  const next = new URLSearchParams(params);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) next.delete(name);
    else next.set(name, value);
  }
  return hrefOf(path, next);
}
