import fs from 'node:fs';
import { type Channel, CHANNELS } from '@outwitness/event';

// Taken before the audited application can replace them.
const { readFileSync, statSync } = fs;

/** What the collector wants of the agents (`agent.json` in the data directory). */
export interface AgentSettings {
  /** Counts up with each change; 0 = no file yet. */
  generation: number;
  enabled: boolean;
  strict: boolean;
  disabled: Channel[];
  /** `exact`: the stack is walked for every call, however many there are. */
  attribution: 'adaptive' | 'exact';
  /** `on`: the asynchronous context is followed on every Node, and not only where it costs next to nothing. Read when the agent begins. */
  context: 'auto' | 'on';
  /** Of the fingerprint; absent = a random one per process. */
  fingerprintKey: Uint8Array | undefined;
}

export const DEFAULT_SETTINGS: AgentSettings = {
  generation: 0,
  enabled: true,
  strict: false,
  disabled: [],
  attribution: 'adaptive',
  context: 'auto',
  fingerprintKey: undefined,
};

/**
 * Reads the text of agent.json. A member that is missing or of the wrong type has its default; an unknown one is ignored, so that an older agent lives with a newer collector.
 *
 * @returns `undefined` if the text is no JSON object: the settings in force stay
 */
export function parseSettings(text: string): AgentSettings | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return undefined;
  const { generation, enabled, strict, disabledChannels, attribution, context, fingerprintKey } = json as {
    readonly [name: string]: unknown;
  };
  const known: ReadonlySet<unknown> = new Set(CHANNELS);
  return {
    generation: Number.isSafeInteger(generation) && (generation as number) >= 0 ? (generation as number) : 0,
    enabled: enabled !== false,
    strict: strict === true,
    disabled: Array.isArray(disabledChannels)
      ? disabledChannels.filter((name): name is Channel => known.has(name))
      : [],
    attribution: attribution === 'exact' ? 'exact' : 'adaptive',
    context: context === 'on' ? 'on' : 'auto',
    fingerprintKey:
      typeof fingerprintKey === 'string' && /^([0-9a-f]{2}){16,64}$/i.test(fingerprintKey)
        ? Buffer.from(fingerprintKey, 'hex')
        : undefined,
  };
}

/** Watches the file by its size and times; reading it again is rare. */
export class SettingsFile {
  readonly #file: string;
  #seen = '';

  constructor(file: string) {
    this.#file = file;
  }

  /** @returns settings if the file changed since the last call and can be read */
  poll(): AgentSettings | undefined {
    try {
      const stat = statSync(this.#file, { throwIfNoEntry: false });
      const seen = stat === undefined ? '' : `${stat.ino} ${stat.size} ${stat.mtimeMs} ${stat.ctimeMs}`;
      if (seen === this.#seen) return undefined;
      const settings = stat === undefined ? undefined : parseSettings(readFileSync(this.#file, 'utf8'));
      this.#seen = seen;
      return settings;
    } catch {
      return undefined;
    }
  }
}
