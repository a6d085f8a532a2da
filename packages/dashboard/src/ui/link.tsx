import type { AnchorHTMLAttributes, MouseEvent, ReactNode } from 'react';

import { go } from '../location.ts';

type Props = AnchorHTMLAttributes<HTMLAnchorElement> & { readonly href: string; readonly children: ReactNode };

/** A real link (it opens in a new tab, it can be copied) that changes the screen without loading the page again. */
export function Link({ href, children, onClick, ...rest }: Props): ReactNode {
  const follow = (event: MouseEvent<HTMLAnchorElement>): void => {
    onClick?.(event);
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go(href);
    scrollTo(0, 0);
  };
  return (
    <a {...rest} href={href} onClick={follow}>
      {children}
    </a>
  );
}
