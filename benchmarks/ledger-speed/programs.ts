/** Programs of the product that are measured. */
import { join } from 'node:path';

const PACKAGES = join(import.meta.dirname, '../../packages');

export const VERIFIER: string = join(PACKAGES, 'verifier/bin/outwitness-verify.js');
export const OUTWITNESS: string = join(PACKAGES, 'cli/bin/outwitness.js');
