import type { Point } from '../guard.ts';
import type { Recorder } from '../recorder.ts';
import { attemptAt, ownerOf, settle, watchClose } from './tcp.ts';
import { lockInternal } from '../locked.ts';

/** Outbound connections to unix sockets (named pipes on Windows). A pipe opened from a descriptor is a process's own stream, no destination. */
export function watchUnix(recorder: Recorder, Pipe: object, owner: symbol | undefined): void {
  const { guards } = recorder;
  const settled = guards.point('unix.connected', {
    inspect: (_self, args, _wrapper, context) => settle(context as Parameters<typeof settle>[0], args),
  });
  const point = guards.point('unix.connect', {
    inspect: (handle, args, wrapper) =>
      attemptAt(recorder, ownerOf(handle, owner), handle, args, wrapper, settled as Point, {
        address: String(args[1]),
        port: undefined,
      }),
  });
  lockInternal(recorder, Pipe, 'connect', 'Pipe.connect', (original) => guards.callThrough(point, original));
  watchClose(recorder, Pipe, 'unix', ['close'], owner);
}
