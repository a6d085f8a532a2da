/** `checkpoints.log` beside a store that is as it was written. */
import { writeFileSync } from 'node:fs';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { logLine } from '../../../packages/verifier/test/reference-writer.ts';
import { mutate } from './field-classes.ts';
import { fromLatin1, HISTORIES, latin1 } from './histories.ts';
import { isAccepting, type Kind, type Made, malformed, type Said, type Target } from './kind.ts';
import { LOG_LINES, LOG_SIGNATURES } from './uncovered.ts';

const { ledger } = HISTORIES.find(({ name }) => name === 'sample')!;
const textOf = (notes: typeof ledger.notes): string =>
  latin1(notes.map(({ size, text }) => logLine(size, text)).join(''));
const body = (note: string): string => note.split('\n').slice(0, 3).join('\n');
const BODIES = new Map(ledger.notes.map(({ size, text }) => [size, body(latin1(text))]));

export const LOGS: Kind = {
  name: 'checkpoints.log',
  share: 1,
  make(dice, folder): Made {
    const store = join(folder, 'store');
    if (!existsSync(store)) ledger.write(store);
    const others = dice.of(HISTORIES).ledger.notes;
    const { text, how } = mutate(textOf(ledger.notes), textOf(others), dice);
    const bytes = fromLatin1(text);
    return {
      how,
      bytes,
      async judge(target) {
        const checkpoints = join(folder, 'checkpoints.log');
        writeFileSync(checkpoints, bytes);
        const options = { pins: [ledger.vkey], now: ledger.time, checkpoints };
        return sayLog(text, await target.verifyPath(store, options));
      },
    };
  },
};

function sayLog(text: string, result: Awaited<ReturnType<Target['verifyPath']>>): Said {
  const { verdict } = result;
  const broken = malformed(result);
  if (!isAccepting(result) || broken !== undefined) return { verdict, accepted: false, wrong: broken };
  const lines = text.split('\n').slice(0, -1);
  let last = 0;
  for (const line of lines) {
    const [, size = '', encoded = ''] = /^(\d+) (\S+)$/.exec(line) ?? [];
    const note = Buffer.from(encoded, 'base64').toString('latin1');
    if (body(note) !== BODIES.get(Number(size)) || Number(size) <= last)
      return { verdict, accepted: true, wrong: `${verdict} with a line of another ledger or order: ${line}` };
    last = Number(size);
  }
  const isGenuine = lines.every((line) => textOf(ledger.notes).includes(`${line}\n`));
  const isWhole = lines.length === BODIES.size && text.endsWith('\n');
  return {
    verdict,
    accepted: true,
    uncovered: [...(isGenuine ? [] : [LOG_SIGNATURES]), ...(isWhole ? [] : [LOG_LINES])],
  };
}
