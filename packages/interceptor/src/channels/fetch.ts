import type { CallKey, Origin } from '../ports.ts';
import type { Recorder } from '../recorder.ts';

// Taken before the application can replace it; a URL keeps its parts out of reach of anybody else.
const HREF = Object.getOwnPropertyDescriptor(URL.prototype, 'href');

interface Outer {
  fetch: Origin | undefined;
}

/**
 * Who calls `fetch`: asked at the entry, where the caller is the next frame (in undici's channel 17 frames lie between). The global stays replaceable; a `fetch` taken before is asked about in the channel.
 */
export function watchFetch(recorder: Recorder): void {
  const { guards, patches, scope } = recorder;
  const point = guards.point<Outer>('fetch', {
    inspect: (_self, args, wrapper) => {
      if (!recorder.live('undici')) return undefined;
      const outer: Outer = { fetch: scope.fetch };
      scope.fetch = recorder.capture(wrapper, keyOf(args));
      return outer;
    },
    leave: (outer) => {
      scope.fetch = outer.fetch;
    },
  });
  patches.replace(globalThis, 'fetch', (original) => guards.callThrough(point, original));
}

interface Init {
  readonly method?: unknown;
  readonly dispatcher?: unknown;
}

/**
 * Method, origin and dispatcher, as far as they can be told without parsing: anything else (a Request, a relative URL, userinfo) has no key and is asked about.
 */
function keyOf(args: ArrayLike<unknown>): CallKey | undefined {
  const [url, init] = [args[0], args[1]];
  const href: unknown = url instanceof URL ? HREF?.get?.call(url) : url;
  if (typeof href !== 'string' || !/^https?:\/\//.test(href)) return undefined;
  const origin = /^[^/?#]*\/\/[^/?#\\@]*(?=[/?#]|$)/.exec(href)?.[0];
  if (origin === undefined) return undefined;
  const { method, dispatcher } = typeof init === 'object' && init !== null ? (init as Init) : {};
  return {
    method: typeof method === 'string' ? method : '',
    scheme: 'fetch',
    host: origin,
    port: 0,
    path: '',
    agent: typeof dispatcher === 'object' && dispatcher !== null ? dispatcher : undefined,
  };
}
