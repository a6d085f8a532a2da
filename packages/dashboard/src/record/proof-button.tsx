import { type ReactNode, useState } from 'react';

import { tlogProof } from '../api/client.ts';
import { asRequestError } from '../api/resource.ts';
import { Icon } from '../ui/icons.tsx';

/** Hands out one row as a file that anybody can check; the hand-out is itself a row. */
export function ProofButton({ seq }: { readonly seq: number }): ReactNode {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();

  const download = async (): Promise<void> => {
    const url = URL.createObjectURL(await tlogProof(seq));
    const link = document.createElement('a');
    link.href = url;
    link.download = `row-${seq}.tlog-proof`;
    link.click();
    // The download has taken its own hold of the blob by the next task.
    setTimeout(() => URL.revokeObjectURL(url), 1_000);
  };
  const start = (): void => {
    setBusy(true);
    setProblem(undefined);
    download()
      .catch((error: unknown) => setProblem(asRequestError(error).message))
      .finally(() => setBusy(false));
  };
  return (
    <span className="proof">
      <button type="button" className="primary" onClick={start} disabled={busy}>
        <Icon name="download" />
        {busy ? 'Preparing…' : 'Download proof'}
      </button>
      <span className="problem" role="alert">
        {problem}
      </span>
    </span>
  );
}
