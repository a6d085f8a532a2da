import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A small file system that stands in the place of a folder, with what lay in it. */
export interface SmallDisk extends Disposable {
  /** Why there is none. */
  readonly reason: string | undefined;
  remount(how: 'ro' | 'rw' | `size=${string}`): void;
  /** What lies on it is there when it is gone. */
  keep(): void;
}

const SIZE = '8m';

/** Needs the right to mount: root on Linux. */
export function smallDisk(folder: string): SmallDisk {
  const aside = mkdtempSync(join(tmpdir(), 'outwitness-disk-'));
  const copy = join(aside, 'data');
  cpSync(folder, copy, { recursive: true });
  const options = `size=${SIZE},mode=0711`;
  const mounted = mount(['-t', 'tmpfs', '-o', options, 'outwitness', folder]);
  if (mounted === undefined) cpSync(copy, folder, { recursive: true });
  const unmount = (): void => {
    if (mounted === undefined) spawnSync('umount', ['-l', folder]);
    rmSync(aside, { recursive: true, force: true });
  };
  return {
    reason: mounted,
    remount: (how) => {
      const problem = mount(['-o', `remount,${how}`, folder]);
      if (problem !== undefined) throw new Error(`cannot remount ${folder} ${how}: ${problem}`);
    },
    keep: () => {
      rmSync(copy, { recursive: true, force: true });
      mkdirSync(copy);
      cpSync(folder, copy, { recursive: true });
      spawnSync('umount', [folder]);
      rmSync(folder, { recursive: true, force: true });
      cpSync(copy, folder, { recursive: true });
    },
    [Symbol.dispose]: unmount,
  };
}

/** @returns why it could not be done */
function mount(args: readonly string[]): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'only root on Linux may mount a file system';
  const { status, stderr, error } = spawnSync('mount', args, { encoding: 'utf8' });
  return status === 0 ? undefined : (error?.message ?? stderr.trim());
}
