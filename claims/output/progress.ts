/** For people who wait; the results go to stdout. */

/** @returns what writes `what: 12 of 100` over itself on a terminal */
export function progressLine(what: string): (done: number, all: number) => void {
  return (done, all) => {
    if (process.stderr.isTTY) process.stderr.write(`\r${what}: ${done} of ${all} ${done === all ? '\n' : ''}`);
  };
}
