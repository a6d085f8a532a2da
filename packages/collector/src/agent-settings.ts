import { createHmac, randomBytes } from 'node:crypto';
import { chownSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { Settings } from './settings.ts';

/** What `agent.json` holds: the settings in force in audited processes. */
export interface AgentSettings {
  schemaVersion: 1;
  generation: number;
  enabled: boolean;
  strict: boolean;
  disabledChannels: string[];
  attribution: string;
  context: string;
  /** hex, 32 bytes: today's HMAC key of request fingerprints. It is no signing key. */
  fingerprintKey: string;
  /** Day (UTC, YYYY-MM-DD) that the key is for. */
  fingerprintDay: string;
}

/**
 * Keeps `agent.json`: writes it when settings or day change, counts generations, ratchets the fingerprint key (tomorrow's key is a hash of today's, so today's cannot be had from tomorrow's file) and notices a change made by somebody else.
 */
export class AgentSettingsFile {
  readonly #path: string;
  /** Group that audited processes have, undefined = ours. */
  readonly #group: number | undefined;
  #written: string | undefined;
  #current: AgentSettings | undefined;

  constructor(path: string, group?: number) {
    this.#path = path;
    this.#group = group;
  }

  get current(): AgentSettings | undefined {
    return this.#current;
  }

  /**
   * @param now ms since 1970
   * @returns true if a new generation was written
   */
  write(settings: Settings, now: number): boolean {
    const day = new Date(now).toISOString().slice(0, 10);
    const before = this.#current ?? this.#read();
    const wanted = {
      enabled: settings.enabled,
      strict: settings.strict,
      disabledChannels: [...settings.disabledChannels].sort(),
      attribution: settings.attribution,
      context: settings.context,
    };
    const same =
      before !== undefined &&
      before.fingerprintDay === day &&
      JSON.stringify(wanted) === JSON.stringify(pick(before)) &&
      this.#written !== undefined;
    if (same) return false;
    const next: AgentSettings = {
      schemaVersion: 1,
      generation: (before?.generation ?? 0) + 1,
      ...wanted,
      fingerprintKey: nextKey(before, day),
      fingerprintDay: day,
    };
    const text = `${JSON.stringify(next, null, 2)}\n`;
    writeFileSync(`${this.#path}.new`, text, { mode: 0o640 });
    if (this.#group !== undefined) chownSync(`${this.#path}.new`, -1, this.#group);
    renameSync(`${this.#path}.new`, this.#path);
    this.#written = text;
    this.#current = next;
    return true;
  }

  /** True if the file is not what was written last: somebody else changed or removed it. */
  changedBySomeoneElse(): boolean {
    if (this.#written === undefined) return false;
    try {
      return readFileSync(this.#path, 'utf8') !== this.#written;
    } catch {
      return true;
    }
  }

  /** Forgets what was written, so that the next {@link write} writes again with a new generation. */
  forget(): void {
    this.#written = undefined;
  }

  #read(): AgentSettings | undefined {
    try {
      const parsed = JSON.parse(readFileSync(this.#path, 'utf8')) as AgentSettings;
      return Number.isSafeInteger(parsed.generation) && /^[0-9a-f]{64}$/.test(parsed.fingerprintKey)
        ? parsed
        : undefined;
    } catch {
      return undefined; // absent or damaged: a new generation with a new key replaces it
    }
  }
}

function pick(
  settings: AgentSettings,
): Omit<AgentSettings, 'schemaVersion' | 'generation' | 'fingerprintKey' | 'fingerprintDay'> {
  const { enabled, strict, disabledChannels, attribution, context } = settings;
  return { enabled, strict, disabledChannels, attribution, context };
}

function nextKey(before: AgentSettings | undefined, day: string): string {
  if (before === undefined) return randomBytes(32).toString('hex');
  if (before.fingerprintDay === day) return before.fingerprintKey;
  return createHmac('sha256', Buffer.from(before.fingerprintKey, 'hex'))
    .update(`outwitness fingerprint ${day}`)
    .digest('hex');
}
