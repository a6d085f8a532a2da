import { type ReactNode, useState } from 'react';

import { verifierPage } from '../api/client.ts';
import { useResource } from '../api/resource.ts';
import type { ScreenProps } from '../app.tsx';
import { bytes } from '../format.ts';
import { rowHref } from '../links.ts';
import { Icon } from '../ui/icons.tsx';
import { Link } from '../ui/link.tsx';

const DOWNLOAD = '/api/verifier/file';

/** How somebody who trusts neither this server nor this page checks the record. */
export default function VerifyAndExport({ session, onSignedOut }: ScreenProps): ReactNode {
  const { data: page, error } = useResource('verifier', 0, verifierPage, onSignedOut);
  return (
    <div className="page verify-page">
      <title>Verify & Export · Outwitness</title>
      <header className="log-head">
        <h1>Verify &amp; Export</h1>
        <p className="quiet">Evidence that anybody can check, without this server, without a network and without us.</p>
      </header>
      <section className="panel" aria-labelledby="verifier">
        <header className="panel-head">
          <h2 id="verifier">1. The verifier, in one file</h2>
        </header>
        <p className="panel-note">
          A page that needs no network and shares no code with the program that writes the record. Save it, compare its
          digest with the one that was published with the package, and open it in any browser.
        </p>
        {error !== undefined && (
          <p className="problem" role="alert">
            {error.message}
          </p>
        )}
        {page !== undefined && (
          <>
            <a className="primary" href={DOWNLOAD} download={page.file}>
              <Icon name="download" />
              <span>
                Download {page.file} ({bytes(page.bytes)})
              </span>
            </a>
            <Digest sha256={page.sha256} />
          </>
        )}
      </section>
      <section className="panel" aria-labelledby="evidence">
        <header className="panel-head">
          <h2 id="evidence">2. The evidence</h2>
        </header>
        <p className="panel-note">
          The whole record as one file; that it was handed out is a row of it. On the machine of the record:
        </p>
        <pre>outwitness export --out all.outwitness</pre>
        <p className="panel-note">
          One row with its proof: open the row in the <Link href="/log">Audit Log</Link> and take “Download proof”.
          {session.role === 'viewer' && ' That takes an operator: you are signed in as a viewer.'}
        </p>
      </section>
      <section className="panel" aria-labelledby="pin">
        <header className="panel-head">
          <h2 id="pin">3. The pin</h2>
        </header>
        <p className="panel-note">
          Without a pin the verdict is UNANCHORED: the key is only the file’s own word. Keep the key line of this record
          (<code>keys/log.vkey</code> in its data directory) where nobody here can change it, and give it to the
          verifier with the evidence. <Link href={rowHref(0)}>The first row</Link> introduces the same key.
        </p>
        <pre>{`outwitness verify all.outwitness --pin log.vkey`}</pre>
      </section>
    </div>
  );
}

function Digest({ sha256 }: { readonly sha256: string }): ReactNode {
  const [copied, setCopied] = useState(false);
  return (
    <dl className="digest">
      <dt>SHA-256</dt>
      <dd>
        <code>{sha256}</code>
        <button
          type="button"
          className="tool"
          onClick={() => void navigator.clipboard.writeText(sha256).then(() => setCopied(true))}
        >
          <Icon name="copy" />
          <span role="status">{copied ? 'Copied' : 'Copy'}</span>
          <span className="unseen"> the digest</span>
        </button>
      </dd>
    </dl>
  );
}
