import type { RowDetailJson } from '@outwitness/server';
import { type ReactNode, useEffect, useState } from 'react';

import { Icon } from '../ui/icons.tsx';
import { type Check, type Checks, checkRow, type CheckState } from './checks.ts';
import type { ProofStep } from './merkle.ts';

const ICON = { passed: 'check', failed: 'bad', impossible: 'unknown' } as const;
const WORD: Readonly<Record<CheckState, string>> = { passed: 'holds', failed: 'BROKEN', impossible: 'not checked' };

/** The row checked by the reader's own browser, each step to be seen. */
export function Integrity({ row }: { readonly row: RowDetailJson }): ReactNode {
  const [result, setResult] = useState<Checks>();
  useEffect(() => {
    let gone = false;
    const check = async (): Promise<void> => {
      const checked = await checkRow(row);
      if (!gone) setResult(checked);
    };
    void check();
    return () => {
      gone = true;
    };
  }, [row]);
  if (result === undefined) return <p className="page-wait">Recomputing…</p>;
  return (
    <>
      <section className="panel" aria-labelledby="integrity">
        <header className="panel-head">
          <h2 id="integrity">Recomputed in this browser</h2>
        </header>
        <ol className="checks">
          {result.checks.map((check) => (
            <CheckLine key={check.id} check={check} />
          ))}
        </ol>
        <p className="panel-note">
          The page and its numbers come from the same server. To check without it, download the proof and run{' '}
          <code>outwitness verify</code> on a machine you trust.
        </p>
      </section>
      {row.inclusion !== null && result.note !== undefined && (
        <section className="panel" aria-labelledby="walk">
          <header className="panel-head">
            <h2 id="walk">From this row to the signed root</h2>
          </header>
          <Walk row={row} steps={result.steps} root={result.note.root} size={result.note.size} />
          <h3>The note</h3>
          <p className="panel-note">Origin, number of rows, root; then one line for each signature.</p>
          <pre className="note" tabIndex={0}>
            {row.inclusion.note}
          </pre>
        </section>
      )}
    </>
  );
}

function CheckLine({ check }: { readonly check: Check }): ReactNode {
  const same = check.expected === check.got;
  return (
    <li className="check" data-check={check.id} data-state={check.state}>
      <Icon name={ICON[check.state]} />
      <div>
        <p>
          <strong>{check.title}</strong> <span className="check-word">{WORD[check.state]}</span>
        </p>
        <p className="quiet">{check.text}</p>
        {check.got !== undefined && (
          <p className="hash">
            <code>{check.got}</code>
            {!same && (
              <>
                {' '}
                but expected <code>{check.expected}</code>
              </>
            )}
          </p>
        )}
      </div>
    </li>
  );
}

interface WalkProps {
  readonly row: RowDetailJson;
  readonly steps: readonly ProofStep[];
  readonly root: string;
  readonly size: number;
}

function Walk({ row, steps, root, size }: WalkProps): ReactNode {
  return (
    <ol className="walk">
      <li className="walk-node">
        <span className="walk-name">Row {row.seq}</span>
        <code>{row.rowHash}</code>
      </li>
      {steps.map(({ side, sibling, result }, index) => (
        <li key={index} className="walk-step" data-side={side}>
          <span className="walk-name">with its {side} neighbour</span>
          <code className="walk-sibling">{sibling}</code>
          <span className="walk-name">gives</span>
          <code>{result}</code>
        </li>
      ))}
      <li className="walk-node walk-root" data-match={(steps.at(-1)?.result ?? row.rowHash) === root}>
        <span className="walk-name">Root of {size} rows, as signed</span>
        <code>{root}</code>
      </li>
    </ol>
  );
}
