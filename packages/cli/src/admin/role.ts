import { printJson, say } from '../output.ts';
import { request } from '../request.ts';
import { usageError } from '../usage-error.ts';
import { expectOperands, type Task, type TaskInput } from './task.ts';

const ROLES = ['viewer', 'operator', 'officer', 'admin'] as const;
type Role = (typeof ROLES)[number];

/** @throws OutwitnessError `usage` */
export function roleNamed(text: string | undefined): Role {
  const found = ROLES.find((one) => one === text);
  if (found !== undefined) return found;
  throw usageError(
    `expected a role out of ${ROLES.join(', ')}, got ${text === undefined ? 'none' : JSON.stringify(text)}`,
  );
}

export const role: Task = {
  options: [],
  async run(input) {
    expectOperands('role', input.operands, 2, 2);
    await give(input, roleNamed(input.operands[1]));
  },
};

export const remove: Task = {
  options: [],
  async run(input) {
    expectOperands('remove', input.operands, 1, 1);
    await give(input, '');
  },
};

async function give({ dir, options, operands, version }: TaskInput, wanted: Role | ''): Promise<void> {
  const [user = ''] = operands;
  const asked = { do: 'role', user, role: wanted, actor: 'cli', by: '' } as const;
  const { pending, from } = await request(dir, options, asked, version);
  const at = new Date(Number(from)).toISOString();
  if (options.json) printJson({ schemaVersion: 1, user, role: wanted === '' ? null : wanted, from: at });
  else if (wanted === '') say(`outwitness: ${user} is removed and signed out`);
  else if (pending === true)
    say(`outwitness: ${user} becomes an officer at ${at}; until then everybody can see it coming`);
  else say(`outwitness: ${user} is ${wanted}`);
}
