import type { DataDir } from '@outwitness/collector';
import type { Options } from '../options.ts';
import { usageError } from '../usage-error.ts';

/** What a task of `admin` is given. */
export interface TaskInput {
  readonly dir: DataDir;
  readonly options: Options;
  /** What stands behind its name. */
  readonly operands: readonly string[];
  readonly version: string;
}

/** One task of `admin`. */
export interface Task {
  /** Options that it takes beside the common ones. */
  readonly options: readonly string[];
  run(input: TaskInput): Promise<void>;
}

/** @throws OutwitnessError `usage` */
export function expectOperands(task: string, operands: readonly string[], least: number, most: number): void {
  if (operands.length >= least && operands.length <= most) return;
  throw usageError(
    `admin ${task}: expected ${least === most ? least : `${least} to ${most}`} arguments, got ${operands.length}. See: outwitness admin --help`,
  );
}
