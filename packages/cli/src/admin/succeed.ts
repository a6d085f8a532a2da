import { dataDirAt, succeed as beginSuccessor } from '@outwitness/collector';
import { printJson, printResult, say } from '../output.ts';
import { momentary } from '../request.ts';
import { usageError } from '../usage-error.ts';
import { expectOperands, type Task } from './task.ts';

/** As long as `successorWhy` of a genesis row. */
const MOST_WHY = 512;

export const succeed: Task = {
  options: ['why'],
  async run({ dir, options, operands, version }) {
    expectOperands('succeed', operands, 1, 1);
    const [old = ''] = operands;
    const why = options.string('why')?.trim() ?? '';
    if (Buffer.byteLength(why) > MOST_WHY)
      throw usageError(`admin succeed: expected --why with at most ${MOST_WHY} bytes, got ${Buffer.byteLength(why)}`);
    const { origin, vkey, predecessor } = await beginSuccessor(
      momentary(dir, options, version),
      dataDirAt({ data: old }),
      why,
    );
    if (options.json) return printJson({ schemaVersion: 1, origin, vkey, predecessor });
    printResult(vkey);
    say(
      `outwitness: ${origin} begins in ${dir.root}; keep its key line, printed above, where this machine cannot change it`,
    );
    say(
      `outwitness: it follows ${predecessor.origin}, ${predecessor.size} rows, ${predecessor.verdict}, because: ${predecessor.why}`,
    );
    say(`outwitness: ${old} is unchanged: keep it as evidence, and let no collector write there`);
  },
};
