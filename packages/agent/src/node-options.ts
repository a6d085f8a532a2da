import { IMPORT_ENTRY, REQUIRE_ENTRY } from './entry.ts';

/** As a program or a service file names them: a path into one of the two packages, or a bare specifier. */
const OURS = /(^|[\\/])(outwitness|@outwitness[\\/]agent|packages[\\/](cli|agent))[\\/]register(\.c?js)?$/;

/**
 * NODE_OPTIONS without any entry of ours, however it was named: for a child that is not to be watched.
 * What stays is left as it was written.
 */
export function withoutOurEntries(options: string): string {
  const tokens = tokensOf(options);
  const kept: string[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const { text, value } = tokens[i] as Token;
    const [flag, joined] = split(value);
    if (flag !== '--require' && flag !== '-r' && flag !== '--import') {
      kept.push(text);
      continue;
    }
    const next = joined === undefined ? tokens[++i] : undefined;
    if (isOurs(joined ?? next?.value ?? '')) continue;
    kept.push(text);
    if (next !== undefined) kept.push(next.text);
  }
  return kept.join(' ');
}

/** What is loaded before the program, in order, as NODE_OPTIONS or a command line says. */
export function preloads(options: readonly string[]): string[] {
  return options.flatMap((option, i) => {
    const [flag, joined] = split(option);
    if (flag !== '--require' && flag !== '-r' && flag !== '--import') return [];
    return [joined ?? options[i + 1] ?? ''];
  });
}

/** NODE_OPTIONS as the words that Node makes of it. */
export function optionWords(options: string): string[] {
  return tokensOf(options).map(({ value }) => value);
}

/** Is this preload an entry of ours, however it was named? */
export function isOurs(entry: string): boolean {
  return entry === REQUIRE_ENTRY || entry === IMPORT_ENTRY || OURS.test(entry);
}

interface Token {
  text: string;
  /** Without quotes and escapes. */
  value: string;
}

function split(value: string): [string, string?] {
  const equals = value.indexOf('=');
  return equals === -1 ? [value] : [value.slice(0, equals), value.slice(equals + 1)];
}

/** As Node reads it (node_options.cc, ParseNodeOptionsEnvVar): blanks part, double quotes join, a backslash within quotes escapes. */
function tokensOf(options: string): Token[] {
  const tokens: Token[] = [];
  for (const [text] of options.matchAll(/(?:"(?:\\.|[^"\\])*"?|[^ "])+/g)) {
    const value = text.replace(/"((?:\\.|[^"\\])*)"?/g, (_, inner: string) => inner.replace(/\\(.)/g, '$1'));
    tokens.push({ text, value });
  }
  return tokens;
}
