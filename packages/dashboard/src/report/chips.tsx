import type { ChipsJson, ChipState } from '@outwitness/server';
import type { ReactNode } from 'react';

import { Time } from '../ui/figure.tsx';
import { Icon, type IconName } from '../ui/icons.tsx';
import { clock } from '../format.ts';

const ICON: Readonly<Record<ChipState, IconName>> = { ok: 'check', warn: 'warn', bad: 'bad', unknown: 'unknown' };
const WORD: Readonly<Record<ChipState, string>> = { ok: 'good', warn: 'look at this', bad: 'bad', unknown: 'unknown' };

/** What each light is about, for whoever rests on it. */
const ABOUT: Readonly<Record<keyof ChipsJson, string>> = {
  ledger: 'The collector verified its own record: row hashes, chain, tree, signatures and columns.',
  key: 'Whoever can read the signing key could write another history. Run the collector under its own user to part them.',
  stackCapture: 'Call sites come from the JavaScript stack. Code can disturb that; this light says whether any did.',
  agents: 'One agent watches each process and thread, and reports every 5 seconds.',
  gaps: 'Rows that are known to be missing, and times in which nobody watched.',
  bodyCapture: 'Bodies of requests and answers are kept only while an officer has ordered it.',
  redaction: 'What is removed from a call before it is written.',
  capture: 'Channels are the ways in and out that are watched.',
  checkpoint: 'The newest signature over the whole record.',
  learning: 'While it is being learnt what is normal, new destinations raise no attention.',
};

const ORDER: readonly (keyof ChipsJson)[] = [
  'ledger',
  'checkpoint',
  'key',
  'stackCapture',
  'agents',
  'gaps',
  'capture',
  'redaction',
  'bodyCapture',
  'learning',
];

export function Chips({ chips }: { readonly chips: ChipsJson }): ReactNode {
  return (
    <ul className="chips" aria-label="State of the record and of the watching">
      {ORDER.map((name) => {
        const { state, text } = chips[name];
        return (
          <li key={name} className="chip" data-chip={name} data-state={state} title={ABOUT[name]}>
            <Icon name={ICON[state]} />
            <span className="unseen">{WORD[state]}: </span>
            <span>{text}</span>
            {name === 'ledger' && chips.ledger.at !== null && (
              <span className="chip-time">
                <Time at={chips.ledger.at} of="chips.ledger.at">
                  {clock(new Date(chips.ledger.at))}
                </Time>
              </span>
            )}
          </li>
        );
      })}
    </ul>
  );
}
