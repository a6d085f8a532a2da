import type { ReactNode } from 'react';

import { LOG, REPORT } from '../links.ts';
import { Link } from '../ui/link.tsx';

export function NotFound({ path }: { readonly path: string }): ReactNode {
  return (
    <section className="page empty">
      <title>Not found · Outwitness</title>
      <h1>There is no screen here</h1>
      <p>
        <code>{path}</code> names none. Go to the <Link href={REPORT}>Trust Report</Link> or the{' '}
        <Link href={LOG}>Audit Log</Link>.
      </p>
    </section>
  );
}
