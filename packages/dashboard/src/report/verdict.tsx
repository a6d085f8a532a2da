import type { ReportJson, Severity, Verdict as VerdictName } from '@outwitness/server';
import { type ReactNode, useEffect, useState } from 'react';

import { ago, plural, zone } from '../format.ts';
import { Count, Time } from '../ui/figure.tsx';
import { Icon, type IconName } from '../ui/icons.tsx';

const WORDS: Readonly<Record<VerdictName, { title: string; icon: IconName }>> = {
  alarm: { title: 'Alarm', icon: 'bad' },
  attention: { title: 'Needs attention', icon: 'warn' },
  'insufficient-data': { title: 'Not enough data yet', icon: 'unknown' },
  'all-clear': { title: 'All clear', icon: 'check' },
};

/** The answer to "is my data safe", before anything else. */
export function Verdict({ report }: { readonly report: ReportJson }): ReactNode {
  const { verdict, cards, period, generatedAt } = report;
  const { title, icon } = WORDS[verdict];
  return (
    <section className="verdict" data-verdict={verdict} aria-labelledby="verdict">
      <div className="verdict-seal">
        <Icon name={icon} />
      </div>
      <div className="verdict-words">
        <h1 id="verdict">{title}</h1>
        <p className="verdict-sentence">{sentence(report)}</p>
        <p className="verdict-facts">
          <Count value={cards.out.events} of="cards.out.events" /> {cards.out.events === 1 ? 'call' : 'calls'} out to{' '}
          <Count value={cards.destinations} of="cards.destinations" />{' '}
          {cards.destinations === 1 ? 'destination' : 'destinations'},{' '}
          <Count value={cards.in.events} of="cards.in.events" /> in, from <Time at={period.from} of="period.from" /> to{' '}
          <Time at={period.to} of="period.to" /> ({zone(new Date(period.to))})
        </p>
        <p className="verdict-checked">
          Checked <Ago at={generatedAt} />
        </p>
      </div>
    </section>
  );
}

function sentence({ verdict, reasons, totals, chips, coverage }: ReportJson): string {
  const of = (severity: Severity): number => reasons.filter((reason) => reason.severity === severity).length;
  const further = reasons.length - of(verdict as Severity);
  const rest =
    further === 0 ? '' : ` ${further === 1 ? 'One more thing needs' : `${further} more things need`} a look.`;
  switch (verdict) {
    case 'alarm':
      return `${of('alarm') === 1 ? 'Something' : `${of('alarm')} things`} happened that should not have. Read it below and act on it.${rest}`;
    case 'attention':
      return `Nothing alarming, but ${plural(of('attention'), 'thing')} that somebody should look at.${further === 0 ? '' : ' The record is also still too young for a full judgement.'}`;
    case 'insufficient-data':
      return 'Outwitness is watching, but the record is too young or too empty to judge by.';
    case 'all-clear':
      return `${clear(totals)}${chips.ledger.state === 'ok' && coverage.missing === 0 ? ', and the record is whole' : ''}.`;
  }
}

function clear({ events, unclassified }: ReportJson['totals']): string {
  if (events === 0) return 'No call was made';
  if (unclassified === 0) return 'Every call went where it is known to go';
  return 'No rule found anything to look at';
}

function Ago({ at }: { readonly at: string }): ReactNode {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 5_000);
    return () => clearInterval(timer);
  }, [at]);
  return <Time at={at}>{ago(Date.parse(at), now)}</Time>;
}
