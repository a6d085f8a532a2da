import type { Origin } from '../ports.ts';
import type { Recorder } from '../recorder.ts';

interface Outer {
  fetch: Origin | undefined;
}

/**
 * Who calls `fetch`: asked at the entry, where the caller is the next frame (in undici's channel 17 frames lie between). The global stays replaceable; a `fetch` taken before is asked about in the channel.
 */
export function watchFetch(recorder: Recorder): void {
  const { guards, patches, scope } = recorder;
  const point = guards.point<Outer>('fetch', {
    inspect: (_self, _args, wrapper) => {
      if (!recorder.live('undici')) return undefined;
      const outer: Outer = { fetch: scope.fetch };
      scope.fetch = recorder.capture(wrapper);
      return outer;
    },
    leave: (outer) => {
      scope.fetch = outer.fetch;
    },
  });
  patches.replace(globalThis, 'fetch', (original) => guards.callThrough(point, original));
}
