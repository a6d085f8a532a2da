import { existsSync } from 'node:fs';
import { isAbsolute, sep } from 'node:path';
import { isOurs, optionWords, preloads } from '@outwitness/agent';
import type { Finding } from './finding.ts';

/**
 * Checks one NODE_OPTIONS: that our entry is there, comes first and exists, and that the permission model lets the agent read itself and write its spool.
 *
 * @param whose for the sentence: `this shell` or `shop, process 4711`
 * @param reads folders that the agent must be able to read
 * @param words further options of the command line
 */
export function checkNodeOptions(
  options: string,
  whose: string,
  pid: number | null,
  reads: readonly string[],
  spool: string,
  words: readonly string[] = [],
): Finding[] {
  const all = [...optionWords(options), ...words];
  return [...checkPreloads(preloads(all), whose, pid), ...checkPermission(all, whose, pid, reads, spool)];
}

function checkPreloads(entries: readonly string[], whose: string, pid: number | null): Finding[] {
  const ours = entries.filter(isOurs);
  const found: Finding[] = [];
  const gone = ours.filter((entry) => isAbsolute(entry) && !existsSync(entry));
  if (gone.length > 0) {
    found.push({
      id: 'entry-gone',
      severity: 'problem',
      text: `NODE_OPTIONS of ${whose} names an entry that is gone: Node programs started from there do not start.`,
      expected: 'an existing file',
      got: gone.join(', '),
      action: 'Take it out of NODE_OPTIONS, or install Outwitness there again.',
      pid,
    });
  }
  if (ours.length > 0 && entries[0] !== ours[0]) {
    found.push({
      id: 'entry-not-first',
      severity: 'coverage',
      text: `Something is loaded before the watcher in NODE_OPTIONS of ${whose}.`,
      expected: `first: ${ours[0]}`,
      got: `first: ${entries[0]}`,
      action: 'Put the entry in front: what runs earlier may send unseen.',
      pid,
    });
  }
  return found;
}

/** Under `--permission` nothing may be read or written that is not allowed by name. */
function checkPermission(
  words: readonly string[],
  whose: string,
  pid: number | null,
  reads: readonly string[],
  spool: string,
): Finding[] {
  if (!words.includes('--permission') && !words.includes('--experimental-permission')) return [];
  const missing = [
    ...reads.filter((folder) => !allowed(words, '--allow-fs-read', folder)).map((one) => `--allow-fs-read=${one}`),
    ...(allowed(words, '--allow-fs-write', spool) ? [] : [`--allow-fs-write=${spool}`]),
  ];
  if (missing.length === 0) return [];
  return [
    {
      id: 'permission',
      severity: 'coverage',
      text: `The permission model keeps the watcher out of programs started by ${whose}: it cannot read its own files, or not write its spool.`,
      expected: missing.join(' '),
      got: words.filter((word) => word.startsWith('--allow-fs')).join(' ') || 'no --allow-fs-read, no --allow-fs-write',
      action: 'Add what is expected to the options of the program.',
      pid,
    },
  ];
}

function allowed(words: readonly string[], flag: string, path: string): boolean {
  return words.some((word, i) => {
    if (word !== flag && !word.startsWith(`${flag}=`)) return false;
    const value = word === flag ? (words[i + 1] ?? '') : word.slice(flag.length + 1);
    return value.split(',').some((one) => one === '*' || covers(one.replace(/\*$/, ''), path));
  });
}

function covers(granted: string, path: string): boolean {
  const folder = granted.endsWith(sep) ? granted.slice(0, -1) : granted;
  return path === folder || path.startsWith(`${folder}${sep}`);
}
