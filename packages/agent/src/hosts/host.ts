import type { Package } from '../attribution/package-of.ts';

/**
 * What a host framework knows that the stack does not: which of its units is at work right now.
 * A host only looks; it never changes what passes.
 */
export interface HostAttributor {
  readonly name: string;
  /** Packages of the framework that stand on every stack and are an answer only if nobody else is. */
  readonly scaffold: readonly string[];
  /** The file of the unit that is at work, `undefined` if none is or nothing is known. */
  current(): string | undefined;
  /** Whose code took an inbound request in hand: its file, and where it was put in place. */
  handledBy?(request: object): { readonly file: string; readonly site: string } | undefined;
  /** Where in its package the unit is, in the form of a `site`. */
  site(file: string, owner: Package): string;
}
