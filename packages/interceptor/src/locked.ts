import type { Recorder } from './recorder.ts';

/**
 * Locks a method of an internal, and tells whoever reads the record if somebody reaches for it: an attempt to replace it, one that had made it unchangeable before, one that found a way.
 *
 * @param label how it is called in the record: `TCP.connect`
 */
export function lockInternal(
  recorder: Recorder,
  owner: object,
  name: string,
  label: string,
  wrap: (original: Function) => Function,
): void {
  const { patches, footing } = recorder;
  const locked = patches.lock(owner, name, wrap, () => recorder.changed(`an attempt to replace ${label} was refused`));
  if (!locked) {
    if (typeof Reflect.get(owner, name) === 'function') recorder.changed(`${label} had been made unchangeable before`);
    return;
  }
  const wrapper: unknown = Reflect.get(owner, name);
  footing.expect(`${label} is not the watcher’s any more`, () => Reflect.get(owner, name) === wrapper);
}
