import type { ReactNode } from 'react';

interface Props {
  readonly ports?: readonly number[];
  readonly schemes?: readonly string[];
  readonly methods: readonly string[];
  readonly paths: readonly string[];
}

/** What calls to an entry may be; nothing where anything goes. */
export function Limits({ ports = [], schemes = [], methods, paths }: Props): ReactNode {
  const parts = [
    ports.length > 0 && `port ${ports.join(', ')}`,
    schemes.join(', '),
    methods.join(', '),
    paths.join(', '),
  ].filter((part) => part !== false && part !== '');
  if (parts.length === 0) return null;
  return <span className="under">only {parts.join(' · ')}</span>;
}
