import { readPeople } from '@outwitness/collector';
import { printJson, printResult } from '../output.ts';
import { expectOperands, type Task } from './task.ts';

export const people: Task = {
  options: [],
  async run({ dir, options, operands }) {
    expectOperands('people', operands, 0, 0);
    const { users, sessions } = readPeople(dir);
    if (options.json) return printJson({ schemaVersion: 1, users, sessions });
    const lines = [
      ...users.map(
        ({ name, role, next }) =>
          `${name.padEnd(24)} ${next === null ? role : `${role}, ${next.role} from ${next.at}`}`,
      ),
      ...(users.length === 0 ? ['no users by name'] : []),
      ...sessions.map(
        ({ id, role, user, from, since }) =>
          `session ${id}  ${user ?? '(nobody by name)'} as ${role} from ${from} since ${since}`,
      ),
      ...(sessions.length === 0 ? ['no open sessions'] : []),
    ];
    printResult(lines.join('\n'));
  },
};
