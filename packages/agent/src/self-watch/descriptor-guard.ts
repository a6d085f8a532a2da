import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { apply } from '@outwitness/interceptor';

type Original = (...args: unknown[]) => unknown;

/**
 * Keeps the application from closing or truncating the descriptor of the spool, as programs do that close "all descriptors above 2": the next file opened would get its number, and our lines.
 * To the application the descriptor looks as if it were not open: EBADF.
 *
 * @param isOurs asked with each descriptor
 */
export function guardDescriptor(isOurs: (fd: number) => boolean): void {
  for (const name of ['closeSync', 'ftruncateSync'] as const) {
    wrap(name, (original, args) => {
      if (isOurs(args[0] as number)) throw badDescriptor(name);
      return apply(original, fs, args);
    });
  }
  for (const name of ['close', 'ftruncate'] as const) {
    wrap(name, (original, args) => {
      if (!isOurs(args[0] as number)) return apply(original, fs, args);
      const callback = args.at(-1);
      if (typeof callback === 'function') process.nextTick(callback, badDescriptor(name));
      return undefined;
    });
  }
  syncBuiltinESMExports();
}

function wrap(
  name: 'close' | 'closeSync' | 'ftruncate' | 'ftruncateSync',
  around: (original: Original, args: unknown[]) => unknown,
): void {
  const original = fs[name] as Original;
  const wrapper = { [name]: (...args: unknown[]) => around(original, args) }[name] as Original;
  Object.defineProperty(wrapper, 'length', { value: original.length, configurable: true });
  Object.defineProperty(fs, name, { value: wrapper, writable: true, enumerable: true, configurable: true });
}

function badDescriptor(name: string): NodeJS.ErrnoException {
  const syscall = name.replace('Sync', '');
  return Object.assign(new Error(`EBADF: bad file descriptor, ${syscall}`), { code: 'EBADF', errno: -9, syscall });
}
