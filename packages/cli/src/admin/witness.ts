import { createHash, randomBytes } from 'node:crypto';
import { printJson, printResult, say } from '../output.ts';
import { request } from '../request.ts';
import { expectOperands, type Task } from './task.ts';

export const witness: Task = {
  options: ['off'],
  async run({ dir, options, operands, version }) {
    expectOperands('witness', operands, 0, 0);
    const off = options.flag('off');
    const secret = off ? '' : randomBytes(32).toString('base64url');
    const digest = off ? '' : createHash('sha256').update(secret).digest('hex');
    await request(dir, options, { do: 'witness', token: digest, actor: 'cli' }, version);
    if (options.json) return printJson({ schemaVersion: 1, token: off ? null : secret });
    if (!off) printResult(secret);
    say(
      off
        ? 'outwitness: no witness gets in any more'
        : 'outwitness: witnesses send it as "Authorization: Bearer TOKEN" to /checkpoint and /tile/; switch it on with: outwitness admin settings witness.serve=true',
    );
  },
};
