import { printJson, say } from '../output.ts';
import { request } from '../request.ts';
import { usageError } from '../usage-error.ts';
import { expectOperands, type Task } from './task.ts';

export const revoke: Task = {
  options: ['user', 'all'],
  async run({ dir, options, operands, version }) {
    expectOperands('revoke', operands, 0, 1);
    const [session = ''] = operands;
    const user = options.string('user') ?? '';
    const named = [session !== '', user !== '', options.flag('all')].filter(Boolean).length;
    if (named !== 1) throw usageError('admin revoke: expected a session, --user NAME or --all, one of them');
    if (session !== '' && !/^[0-9a-f]{12}$/.test(session))
      throw usageError(
        `admin revoke: expected the 12 digits of a session, got ${JSON.stringify(session)}. List them with: outwitness admin people`,
      );
    const { ended } = await request(dir, options, { do: 'revoke', session, user, actor: 'cli', by: '' }, version);
    if (options.json) printJson({ schemaVersion: 1, ended });
    else say(`outwitness: ${Number(ended)} sessions ended`);
  },
};
