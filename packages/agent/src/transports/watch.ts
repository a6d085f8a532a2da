import type { Guards } from '@outwitness/interceptor';
import type { StackAttributor } from '../attribution/attributor.ts';
import { ADAPTERS } from './adapters.ts';
import { Callers } from './callers.ts';
import { TransportFiles } from './find.ts';

/**
 * Notes who calls the transports that make their call later, and tells the attributor.
 *
 * @param guards counts what goes wrong in ours
 */
export function watchTransports(
  attributor: StackAttributor,
  guards: Guards,
  { context, enabled }: { context: boolean; enabled: () => boolean },
): void {
  const callers = new Callers({ walk: (entry) => attributor.above(entry), guards, context, enabled });
  const loading = guards.watch('transports.loading', () => undefined);
  const files = new TransportFiles(
    ADAPTERS,
    ({ name, carriers = [] }) => callers.noting(name, carriers),
    (error) => guards.fault(loading, error),
  );
  attributor.follow({
    noted: (finding) => callers.noted(finding),
    found: (finding) => callers.found(finding),
    sight: (owner, scripts) => files.sight(owner, scripts),
  });
  files.watch();
}
