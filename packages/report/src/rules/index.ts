/** Every rule, worst first; within a severity the order in which reasons are shown. */
import type { Rule } from '../rule.ts';
import { agentSilent } from './agent-silent.ts';
import { bodyCapture } from './body-capture.ts';
import { captureBlinded } from './capture-blinded.ts';
import { captureGap } from './capture-gap.ts';
import { childProcess } from './child-process.ts';
import { clockStep } from './clock-step.ts';
import { disabledChannel } from './disabled-channel.ts';
import { hookChanged } from './hook-changed.ts';
import { lateLoad } from './late-load.ts';
import { learning } from './learning.ts';
import { nativeAddon } from './native-addon.ts';
import { newPair } from './new-pair.ts';
import { noData } from './no-data.ts';
import { ownVerificationFailed } from './own-verification-failed.ts';
import { rowsDropped } from './rows-dropped.ts';
import { selfEgress } from './self-egress.ts';
import { settingsChanged } from './settings-changed.ts';
import { staleCheckpoint } from './stale-checkpoint.ts';
import { unattributed } from './unattributed.ts';
import { vendorOutsideDeclaration } from './vendor-outside-declaration.ts';

export const RULES: readonly Rule[] = [
  ownVerificationFailed,
  selfEgress,
  vendorOutsideDeclaration,
  hookChanged,
  captureBlinded,
  newPair,
  unattributed,
  captureGap,
  agentSilent,
  disabledChannel,
  settingsChanged,
  rowsDropped,
  lateLoad,
  staleCheckpoint,
  clockStep,
  bodyCapture,
  childProcess,
  nativeAddon,
  noData,
  learning,
];
