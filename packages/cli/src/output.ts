/** Results go to stdout, people's lines and progress to stderr. */
export function printResult(text: string): void {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}

export function printJson(value: unknown): void {
  printResult(JSON.stringify(value, null, 2));
}

export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Writes to stdout and waits while the reader is slow; false if the reader has gone away. */
export async function write(text: string): Promise<boolean> {
  if (process.stdout.destroyed) return false;
  if (process.stdout.write(text)) return true;
  return new Promise((resolve) => {
    const settle = (open: boolean): void => {
      process.stdout.off('drain', onDrain).off('close', onClose).off('error', onClose);
      resolve(open);
    };
    const onDrain = (): void => settle(true);
    const onClose = (): void => settle(false);
    process.stdout.once('drain', onDrain).once('close', onClose).once('error', onClose);
  });
}

const COLOURS = { red: 31, yellow: 33, green: 32, dim: 2, bold: 1 } as const;

/** Colours a text if stdout is a terminal and NO_COLOR is not set (no-color.org). */
export function colour(name: keyof typeof COLOURS, text: string): string {
  const on = process.stdout.isTTY && (process.env['NO_COLOR'] ?? '') === '';
  return on ? `\u001b[${COLOURS[name]}m${text}\u001b[0m` : text;
}
