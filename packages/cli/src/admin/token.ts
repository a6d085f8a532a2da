import { createHash, randomBytes } from 'node:crypto';
import { readAlive } from '@outwitness/collector';
import { wholeNumber } from '../options.ts';
import { printJson, printResult, say } from '../output.ts';
import { request } from '../request.ts';
import { roleNamed } from './role.ts';
import { expectOperands, type Task } from './task.ts';

const MINUTES = 10;
const MOST_MINUTES = 7 * 24 * 60;

export const token: Task = {
  options: ['role', 'user', 'minutes'],
  async run({ dir, options, operands, version }) {
    expectOperands('token', operands, 0, 0);
    const role = roleNamed(options.string('role'));
    const minutes = Math.min(wholeNumber('minutes', options.string('minutes'), 1) ?? MINUTES, MOST_MINUTES);
    const secret = randomBytes(32).toString('base64url');
    const digest = createHash('sha256').update(secret).digest('hex');
    const wanted = { role, user: options.string('user') ?? '', minutes, actor: 'cli', by: '' } as const;
    const { user, expires } = await request(dir, options, { do: 'link', token: digest, ...wanted }, version);
    const served = readAlive(dir.alive, Date.now());
    const url = served?.running === true && served.url !== '' ? `${served.url}/#token=${secret}` : null;
    const expiresAt = new Date(Number(expires)).toISOString();
    if (options.json)
      return printJson({ schemaVersion: 1, token: secret, url, role, user: user === '' ? null : user, expiresAt });
    printResult(url ?? secret);
    say(
      `outwitness: good for one sign-in as ${role} until ${expiresAt}${url === null ? '; enter it on the page of the report, such as: outwitness serve' : ''}`,
    );
  },
};
