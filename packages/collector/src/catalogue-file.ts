import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type Catalogue, catalogueText, DEFAULT_CATALOGUE, parseCatalogue, withHosts } from '@outwitness/report';
import { type AcknowledgedPairs, withAcknowledged } from './acknowledged-file.ts';
import { collectorError } from './errors.ts';

/** A catalogue, its canonical text and that text's SHA-256 in hex. */
export interface LoadedCatalogue {
  catalogue: Catalogue;
  text: string;
  digest: string;
}

/**
 * Reads the catalogue in force.
 *
 * @param path absolute, `''` = the built-in one
 * @param hosts names under which the audited servers are reached, from the settings
 * @param acknowledged pairs accepted in this data directory
 * @throws OutwitnessError `settings-unreadable`, `catalogue-invalid`
 */
export function loadCatalogue(
  path: string,
  hosts: readonly string[],
  acknowledged: AcknowledgedPairs,
): LoadedCatalogue {
  const own = path === '' ? DEFAULT_CATALOGUE : parseCatalogue(readText(path), path);
  const catalogue = withAcknowledged(withHosts(own, hosts), acknowledged);
  const text = catalogueText(catalogue);
  return { catalogue, text, digest: sha256(text) };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw collectorError(
      'settings-unreadable',
      `cannot read the catalogue ${path}: ${(cause as Error).message}. Correct the setting "catalogue" or the file's rights.`,
      cause,
    );
  }
}
