import { MAX_MANIFEST_BYTES, utf8Length } from '@outwitness/event';

/** What is read of a package.json: nothing about it is trusted. */
export interface PackageJson {
  name?: unknown;
  version?: unknown;
  author?: unknown;
  maintainers?: unknown;
  egress?: unknown;
  dependencies?: unknown;
  optionalDependencies?: unknown;
}

/** Name of the author, else of the first maintainer: without address and site. */
export function authorOf(json: PackageJson): string | undefined {
  const maintainer: unknown = Array.isArray(json.maintainers) ? json.maintainers[0] : json.maintainers;
  return person(json.author) ?? person(maintainer);
}

function person(value: unknown): string | undefined {
  const { name, email }: { name?: unknown; email?: unknown } =
    typeof value === 'object' && value !== null ? value : { name: value };
  const text = typeof name === 'string' ? name.replace(/[<(].*$/s, '').trim() : '';
  if (text !== '') return text;
  const address =
    typeof email === 'string' ? email : typeof name === 'string' ? /<([^>]*)>/.exec(name)?.[1] : undefined;
  return address === undefined || address === '' ? undefined : address;
}

/** Names of the packages that it is made from. */
export function dependenciesOf({ dependencies, optionalDependencies }: PackageJson): string[] {
  return [dependencies, optionalDependencies].flatMap((named) =>
    typeof named === 'object' && named !== null ? Object.keys(named) : [],
  );
}

/**
 * Text of the egress manifest: `egress` in package.json, else `egress.json` beside it, without white space.
 * One that is no JSON object or is longer than a record may hold counts as none: half a declaration would declare something else.
 */
export function manifestOf(json: PackageJson, readFile: () => string | undefined): string | undefined {
  let declared = json.egress;
  if (declared === undefined) {
    const text = readFile();
    if (text === undefined) return undefined;
    try {
      declared = JSON.parse(text);
    } catch {
      return undefined;
    }
  }
  if (typeof declared !== 'object' || declared === null) return undefined;
  const manifest = JSON.stringify(declared).toWellFormed();
  return utf8Length(manifest) <= MAX_MANIFEST_BYTES ? manifest : undefined;
}
