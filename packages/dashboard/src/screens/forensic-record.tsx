import type { RowDetailJson } from '@outwitness/server';
import type { ReactNode } from 'react';

import { row as askRow } from '../api/client.ts';
import { useLive } from '../api/live.tsx';
import { useResource } from '../api/resource.ts';
import type { ScreenProps } from '../app.tsx';
import { LOG, rowHref } from '../links.ts';
import { hrefOf } from '../location.ts';
import { FieldGroups } from '../record/field-groups.tsx';
import { Integrity } from '../record/integrity.tsx';
import { LeafText } from '../record/leaf-text.tsx';
import { ProofButton } from '../record/proof-button.tsx';
import { type Leaf, sentenceOf } from '../record/sentence.ts';
import { Icon } from '../ui/icons.tsx';
import { Link } from '../ui/link.tsx';

export default function ForensicRecord({ seq, onSignedOut }: ScreenProps & { readonly seq: number }): ReactNode {
  const { head } = useLive();
  // A row never changes: ask again only for the first note that covers it, and for the first row behind it.
  const version = head === undefined ? 0 : Math.min(head.size, seq + 3);
  const { data: row, error } = useResource(String(seq), version, (signal) => askRow(seq, signal), onSignedOut);
  return (
    <div className="page record">
      <title>{`Row ${seq} · Outwitness`}</title>
      {error !== undefined && (
        <p className="problem banner" role="alert">
          {error.message} <Link href={LOG}>Back to the Audit Log</Link>
        </p>
      )}
      {row === undefined ? error === undefined && <p className="page-wait">Fetching the row…</p> : <Record row={row} />}
    </div>
  );
}

function Record({ row }: { readonly row: RowDetailJson }): ReactNode {
  const leaf = row.leaf === null ? undefined : (JSON.parse(row.leaf) as Leaf);
  return (
    <>
      <header className="record-head">
        <div>
          <p className="crumbs">
            <Link href={hrefOf('/log', [['at', String(row.seq)]])}>Audit Log</Link>
          </p>
          <h1>Row {row.seq}</h1>
          <p className="record-sentence">
            {leaf === undefined
              ? 'The text of this row was dropped or erased. Its hash stays, and still proves its place.'
              : sentenceOf(leaf)}
          </p>
        </div>
        <div className="record-tools">
          <nav className="neighbours" aria-label="Neighbouring rows">
            {row.previous !== null && (
              <Link href={rowHref(row.previous.seq)} className="tool" rel="prev">
                <Icon name="left" />
                <span>Row {row.previous.seq}</span>
              </Link>
            )}
            {row.next !== null && (
              <Link href={rowHref(row.next.seq)} className="tool" rel="next">
                <span>Row {row.next.seq}</span>
                <Icon name="right" />
              </Link>
            )}
          </nav>
          {row.inclusion !== null && <ProofButton seq={row.seq} />}
        </div>
      </header>
      <Integrity row={row} />
      {leaf !== undefined && row.leaf !== null && (
        <>
          <FieldGroups leaf={leaf} />
          <LeafText leaf={row.leaf} />
        </>
      )}
    </>
  );
}
