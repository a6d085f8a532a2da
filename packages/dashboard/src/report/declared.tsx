import type { DestinationJson } from '@outwitness/server';
import type { ReactNode } from 'react';

const DECLARED: Readonly<Record<DestinationJson['declared'], { word: string; about: string }>> = {
  yes: { word: 'Declared', about: "The package's manifest names this destination." },
  beyond: { word: 'Beyond', about: 'The manifest names the destination, but not this path, method or size.' },
  no: { word: 'Not declared', about: "The package's manifest does not name this destination." },
  none: { word: 'No manifest', about: 'The package declares nothing at all.' },
};

/** What the manifest of the calling package says of a call. */
export function Declared({ word }: { readonly word: DestinationJson['declared'] }): ReactNode {
  return (
    <span className="declared" data-declared={word} title={DECLARED[word].about}>
      {DECLARED[word].word}
    </span>
  );
}
