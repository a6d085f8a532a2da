import { type ReactNode, useState } from 'react';

import { Icon } from '../ui/icons.tsx';

/** The exact bytes that are hashed. */
export function LeafText({ leaf }: { readonly leaf: string }): ReactNode {
  const [copied, setCopied] = useState<boolean>();
  const copy = (): void => {
    navigator.clipboard.writeText(leaf).then(
      () => setCopied(true),
      () => setCopied(false),
    );
  };
  return (
    <section className="panel" aria-labelledby="leaf">
      <header className="panel-head">
        <h2 id="leaf">The exact text</h2>
        <button type="button" className="tool" onClick={copy}>
          <Icon name="copy" />
          <span role="status">{copied === undefined ? 'Copy' : copied ? 'Copied' : 'Copying is not allowed here'}</span>
        </button>
      </header>
      <p className="panel-note">
        Canonical JSON: one way to write it, so one hash. Nothing of the row stands anywhere else.
      </p>
      <pre className="leaf" tabIndex={0}>
        {leaf}
      </pre>
    </section>
  );
}
