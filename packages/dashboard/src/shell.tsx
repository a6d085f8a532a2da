import type { SessionJson } from '@outwitness/server';
import { type ReactNode, useEffect, useRef } from 'react';

import { useLive } from './api/live.tsx';
import { COMPONENTS, LOG, REPORT, SETTINGS, TRAFFIC, VERIFY } from './links.ts';
import { usePlace } from './location.ts';
import { type Theme, useTheme } from './theme.ts';
import { Icon, Mark } from './ui/icons.tsx';
import { Link } from './ui/link.tsx';

interface Props {
  readonly session: SessionJson;
  readonly onLeave: () => void;
  readonly children: ReactNode;
}

const SCREENS = [
  { name: 'Trust Report', href: REPORT, owns: (path: string) => path === '/' },
  { name: 'Audit Log', href: LOG, owns: (path: string) => path === '/log' || path.startsWith('/rows/') },
  { name: 'Traffic Summary', href: TRAFFIC, owns: (path: string) => path === TRAFFIC },
  { name: 'Egress Components', href: COMPONENTS, owns: (path: string) => path === COMPONENTS },
  { name: 'Verify & Export', href: VERIFY, owns: (path: string) => path === VERIFY },
  { name: 'Settings', href: SETTINGS, owns: (path: string) => path === SETTINGS },
];

const NEXT_THEME: Readonly<Record<Theme, Theme>> = { auto: 'light', light: 'dark', dark: 'auto' };
const THEME_ICON = { auto: 'auto', light: 'sun', dark: 'moon' } as const;

/** What surrounds every screen. */
export function Shell({ session, onLeave, children }: Props): ReactNode {
  const { path } = usePlace();
  const main = useRef<HTMLElement>(null);
  const nav = useRef<HTMLElement>(null);
  const first = useRef(true);

  // A screen reader is told of the new screen as of a new page.
  useEffect(() => {
    if (!first.current) main.current?.focus({ preventScroll: true });
    first.current = false;
    // Where the names do not fit, the one of this screen is what has to be seen.
    const current = nav.current?.querySelector<HTMLElement>('[aria-current]');
    if (nav.current === null || !current) return;
    // Not scrollIntoView: the Tab key would go on from there.
    const { offsetLeft, clientWidth } = nav.current;
    nav.current.scrollLeft = current.offsetLeft - offsetLeft - (clientWidth - current.offsetWidth) / 2;
  }, [path]);

  return (
    <>
      <a className="skip" href="#main">
        Skip to the content
      </a>
      <header className="bar">
        <Link className="brand" href={REPORT}>
          <Mark />
          <span>Outwitness</span>
        </Link>
        <nav ref={nav} className="screens" aria-label="Screens">
          {SCREENS.map(({ name, href, owns }) => (
            <Link key={name} href={href} aria-current={owns(path) ? 'page' : undefined}>
              {name}
            </Link>
          ))}
        </nav>
        <div className="bar-tools">
          <LiveLight />
          <ThemeButton />
          <button type="button" className="tool" onClick={onLeave} title={`Signed in as ${session.role}`}>
            <Icon name="leave" />
            <span className="tool-name">Sign out</span>
          </button>
        </div>
      </header>
      <main id="main" ref={main} tabIndex={-1}>
        {children}
      </main>
      <footer className="foot">
        <span>{session.software}</span>
        <span className="foot-origin">
          Ledger <code>{session.origin}</code>
        </span>
      </footer>
    </>
  );
}

function LiveLight(): ReactNode {
  const { connected } = useLive();
  return (
    <span className="live" data-on={connected} role="status">
      <span className="live-dot" aria-hidden="true" />
      {connected ? 'Live' : 'Reconnecting'}
    </span>
  );
}

function ThemeButton(): ReactNode {
  const [theme, setTheme] = useTheme();
  const next = NEXT_THEME[theme];
  return (
    <button
      type="button"
      className="tool"
      onClick={() => setTheme(next)}
      aria-label={`Theme: ${theme}. Change to ${next}.`}
      title={`Theme: ${theme}`}
    >
      <Icon name={THEME_ICON[theme]} />
    </button>
  );
}
