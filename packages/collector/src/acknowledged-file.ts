import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { acknowledge, type Catalogue, type Pair, pairText, parsePair } from '@outwitness/report';
import { collectorError } from './errors.ts';

/** Pairs that somebody has accepted, in the data directory: text of the pair → why. Part of the catalogue in force. */
export type AcknowledgedPairs = { readonly [pair: string]: string };

/**
 * @returns none if there is no such file
 * @throws OutwitnessError `settings-invalid`, `settings-unreadable`, `pair-invalid`
 */
export function readAcknowledged(path: string): AcknowledgedPairs {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    if (['ENOENT', 'ENOTDIR'].includes((cause as NodeJS.ErrnoException).code ?? '')) return {};
    throw collectorError(
      'settings-unreadable',
      `cannot read ${path}: ${(cause as Error).message}. Correct its rights.`,
      cause,
    );
  }
  const parsed = parse(path, text);
  for (const [pair, why] of Object.entries(parsed)) {
    parsePair(pair);
    if (typeof why !== 'string') throw invalid(path, `"${pair}" has no reason`);
  }
  return parsed as AcknowledgedPairs;
}

/** Adds a pair; the file is whole at every moment. */
export function addAcknowledged(path: string, pair: Pair, why: string): void {
  const pairs = { ...readAcknowledged(path), [pairText(pair)]: why };
  writeFileSync(`${path}.new`, `${JSON.stringify(pairs, null, 2)}\n`, { mode: 0o640 });
  renameSync(`${path}.new`, path);
}

export function withAcknowledged(catalogue: Catalogue, pairs: AcknowledgedPairs): Catalogue {
  let all = catalogue;
  for (const [pair, why] of Object.entries(pairs)) all = acknowledge(all, parsePair(pair), why);
  return all;
}

function parse(path: string, text: string): { [pair: string]: unknown } {
  try {
    const parsed = JSON.parse(text) as unknown;
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed))
      return parsed as { [pair: string]: unknown };
  } catch {
    // told below
  }
  throw invalid(path, 'it is no JSON object');
}

function invalid(path: string, fact: string): Error {
  return collectorError(
    'settings-invalid',
    `${path}: expected {"package -> host:port": "why"}, but ${fact}. Correct the file, or remove it and acknowledge again.`,
  );
}
