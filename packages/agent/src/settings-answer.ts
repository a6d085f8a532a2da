import type { Clock } from '@outwitness/interceptor';
import type { SpoolWriter } from '@outwitness/spool';
import type { AgentSettings } from './settings.ts';

/**
 * Says that this thread took the settings over, and, once, that it sees nothing while they switch it off. Without a file there is nothing to answer.
 *
 * @param before the settings that were in force until now, undefined at the start
 */
export function answerSettings(
  writer: SpoolWriter,
  settings: AgentSettings,
  before: AgentSettings | undefined,
  clock: Clock,
): void {
  const { generation, enabled, strict, disabled } = settings;
  if (generation === 0 && enabled) return;
  writer.writeNow({ kind: 'settings', time: clock.wall(), generation, enabled, strict, disabled });
  if (enabled || before?.enabled === false) return;
  const text = `capture is switched off by settings generation ${generation}`;
  writer.writeNow({ kind: 'gap', time: clock.wall(), event: 'disabled', text, missing: 0, count: 1 });
}
