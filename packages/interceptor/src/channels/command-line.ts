import { networkProgram } from '@outwitness/event';

/** Programs and words of a shell behind which another program is named. */
const BEFORE_A_PROGRAM: ReadonlySet<string> = new Set(
  (
    'sh bash dash zsh ksh fish ash cmd env sudo doas su nohup setsid time timeout nice ionice stdbuf xargs exec command builtin eval ' +
    'start call if then else elif while until do ! { chroot unshare flock watch strace ltrace script busybox toybox'
  ).split(' '),
);
/** What may stand between such a word and the program: options, variables, numbers, times. */
const IN_BETWEEN = /^(?:-.*|\/\w|[A-Za-z_]\w*=.*|\d+(?:\.\d+)?[smhd]?)$/;
/** Options behind which a command follows; behind any other there may be a value (`sudo -u www curl`). */
const COMMAND_OPTION = /^(?:-\w*c|\/\w|-command)$/i;
/** Where another command begins. */
const SEPARATOR = /[;&|\n\r(`]+/;
const MOST = 4;

/** Does a program of this name run one that stands among its arguments? */
export function runsAnother(name: string): boolean {
  return BEFORE_A_PROGRAM.has(plain(name));
}

/**
 * The network programs that a command line names as commands. Nothing but words of that list comes out, so no part of the line does.
 *
 * A line can hide a program from a look like this (a variable, an alias, a script): then the row has the name of what was started.
 */
export function networkProgramsOf(words: readonly string[]): string[] {
  const found = new Set<string>();
  for (const command of words.join(' ').split(SEPARATOR)) {
    let mayBeValue = false;
    for (const quoted of command.split(/\s+/)) {
      const word = quoted.replaceAll(/["'^]/g, '');
      if (word === '' || IN_BETWEEN.test(word)) {
        mayBeValue = word.startsWith('-') && !COMMAND_OPTION.test(word);
        continue;
      }
      const name = plain(word);
      const listed = networkProgram(name);
      if (listed !== undefined) found.add(listed);
      if (!BEFORE_A_PROGRAM.has(name) && !mayBeValue) break;
      mayBeValue = false;
    }
    if (found.size >= MOST) break;
  }
  return [...found].slice(0, MOST);
}

/** A word without its folder. */
function plain(word: string): string {
  return word
    .slice(Math.max(word.lastIndexOf('/'), word.lastIndexOf('\\')) + 1)
    .toLowerCase()
    .replace(/\.exe$/, '');
}
