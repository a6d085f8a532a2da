import { say } from './output.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
export type StopSignal = (typeof SIGNALS)[number];

/**
 * Takes the signals that ask a program to end. From the first call on none of them cuts off the closing seal.
 *
 * @returns `onStop` registers what a signal is to do; a signal that came before is handed over at once
 */
export function takeStopSignals(): { onStop(listener: ((signal: StopSignal) => void) | undefined): void } {
  let listener: ((signal: StopSignal) => void) | undefined;
  let early: StopSignal | undefined;
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      if (listener !== undefined) listener(signal);
      else early = signal;
    });
  }
  return {
    onStop(next) {
      listener = next ?? ((signal) => say(`outwitness: ${signal}: writing the closing seal`));
      if (next !== undefined && early !== undefined) next(early);
    },
  };
}
