import type { Guards } from '@outwitness/interceptor';
import type { StackAttributor } from '../attribution/attributor.ts';
import type { Adapter } from './adapter.ts';
import { ADAPTERS } from './adapters.ts';
import { Callers } from './callers.ts';
import { TransportFiles } from './find.ts';

/**
 * Notes who calls the transports that make their call later, and tells the attributor.
 *
 * @param guards counts what goes wrong in ours
 * @param hosts files of host frameworks, found in the same way
 */
export function watchTransports(
  attributor: StackAttributor,
  guards: Guards,
  { context, enabled, hosts }: { context: boolean; enabled: () => boolean; hosts: readonly Adapter[] },
): void {
  const callers = new Callers({ walk: (entry) => attributor.above(entry), guards, context, enabled });
  const files = new TransportFiles(
    [...ADAPTERS, ...hosts],
    ({ name, carriers = [] }) => callers.noting(name, carriers),
    guards,
  );
  attributor.follow({
    noted: (finding) => callers.noted(finding),
    found: (finding) => callers.found(finding),
    sight: (owner, scripts) => files.sight(owner, scripts),
  });
  files.watch();
}
