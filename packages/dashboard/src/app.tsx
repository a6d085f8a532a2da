/** Who is signed in, and which screen the address names. */
import type { SessionJson } from '@outwitness/server';
import { lazy, type ReactNode, Suspense, useCallback, useEffect, useState } from 'react';

import { session as askSession, signIn, signOut } from './api/client.ts';
import { LiveProvider } from './api/live.tsx';
import { asRequestError } from './api/resource.ts';
import { COMPONENTS, SETTINGS, TRAFFIC, VERIFY } from './links.ts';
import { usePlace } from './location.ts';
import { NotFound } from './screens/not-found.tsx';
import { SignIn } from './screens/sign-in.tsx';
import { TrustReport } from './screens/trust-report.tsx';
import { Shell } from './shell.tsx';

// The report is what everybody comes for; the other screens are fetched when they are opened.
const AuditLog = lazy(() => import('./screens/audit-log.tsx'));
const EgressComponents = lazy(() => import('./screens/egress-components.tsx'));
const ForensicRecord = lazy(() => import('./screens/forensic-record.tsx'));
const Settings = lazy(() => import('./screens/settings.tsx'));
const TrafficSummary = lazy(() => import('./screens/traffic-summary.tsx'));
const VerifyAndExport = lazy(() => import('./screens/verify-and-export.tsx'));

export interface ScreenProps {
  readonly session: SessionJson;
  readonly onSignedOut: () => void;
}

type Session = { readonly state: 'asking' } | { readonly state: 'out'; readonly why: string | undefined } | SignedIn;
type SignedIn = { readonly state: 'in'; readonly session: SessionJson };

/** The token is good for one use and belongs into no history: it leaves the address before anything else happens. */
function takeToken(): string | undefined {
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  if (token === null) return undefined;
  history.replaceState(null, '', location.pathname + location.search);
  return token;
}

async function enter(linkToken: string | undefined): Promise<Session> {
  let refusal: string | undefined;
  if (linkToken !== undefined) {
    try {
      return { state: 'in', session: await signIn(linkToken) };
    } catch (error) {
      refusal = asRequestError(error).message;
    }
  }
  try {
    // Whoever opens a used link in a browser that is still signed in wants the page, not a complaint.
    return { state: 'in', session: await askSession() };
  } catch (error) {
    const asked = asRequestError(error);
    return { state: 'out', why: refusal ?? (asked.code === 'signed-out' ? undefined : asked.message) };
  }
}

// Taken while the page loads: whatever runs later must not find the token in the address.
const linkToken = takeToken();
let entering: Promise<Session> | undefined;

export function App(): ReactNode {
  const [current, setCurrent] = useState<Session>({ state: 'asking' });
  const onSignedOut = useCallback(
    () => setCurrent({ state: 'out', why: 'Your session has ended. Sign in again.' }),
    [],
  );

  useEffect(() => {
    entering ??= enter(linkToken);
    void entering.then(setCurrent);
    // A link that is opened in a tab of this page changes only the fragment.
    const follow = (): void => {
      const token = takeToken();
      if (token !== undefined) void enter(token).then(setCurrent);
    };
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);

  if (current.state === 'asking') return <p className="page-wait">Opening the record…</p>;
  if (current.state === 'out') {
    return <SignIn why={current.why} onSession={(session) => setCurrent({ state: 'in', session })} />;
  }
  const leave = (): void => {
    void signOut().finally(() => setCurrent({ state: 'out', why: undefined }));
  };
  return (
    <LiveProvider>
      <Shell session={current.session} onLeave={leave}>
        <Suspense fallback={<p className="page-wait">Opening…</p>}>
          <Screen session={current.session} onSignedOut={onSignedOut} />
        </Suspense>
      </Shell>
    </LiveProvider>
  );
}

function Screen(props: ScreenProps): ReactNode {
  const { path } = usePlace();
  const row = /^\/rows\/(\d{1,15})$/.exec(path)?.[1];
  if (row !== undefined) return <ForensicRecord {...props} seq={Number(row)} />;
  if (path === '/') return <TrustReport {...props} />;
  if (path === '/log') return <AuditLog {...props} />;
  if (path === TRAFFIC) return <TrafficSummary {...props} />;
  if (path === COMPONENTS) return <EgressComponents {...props} />;
  if (path === VERIFY) return <VerifyAndExport {...props} />;
  if (path === SETTINGS) return <Settings {...props} />;
  return <NotFound path={path} />;
}
