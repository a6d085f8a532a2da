import { readFileSync } from 'node:fs';

/**
 * Tells whether the process that wrote a spool file still exists.
 *
 * @param pid from the file's name, untrusted
 * @param seenMs the newest moment at which the writer is known to have been there, ms since 1970: when it began as its file's name says, or when its file grew. The writer's own clock may be wrong, and the system's may have been set since: with the first alone such a process would be taken for gone.
 * @returns false also if the number now belongs to a process that began later (Linux: field 22 of /proc/PID/stat)
 */
export function processAlive(pid: number, seenMs: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const began = processStart(pid);
  if (began === undefined) return true;
  return began !== 'zombie' && began <= seenMs + 2_000;
}

/** ms since 1970, `zombie`, or undefined where the system does not tell. */
function processStart(pid: number): number | 'zombie' | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return 'zombie';
    const bootMs = bootTimeMs();
    return bootMs === undefined ? undefined : bootMs + Number(fields[19]) * 10;
  } catch {
    return undefined; // no /proc (macOS), or hidden: only the signal can tell
  }
}

/** `btime` of /proc/stat; read each time because a clock step moves it. */
function bootTimeMs(): number | undefined {
  const found = /^btime (\d+)$/m.exec(readFileSync('/proc/stat', 'latin1'));
  return found === null ? undefined : Number(found[1]) * 1_000;
}
