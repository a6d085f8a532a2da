/** Finds what a JavaScript or TypeScript source imports, by its tokens: TypeScript 7 has no stable API to ask. */

/** One reference from a source text to a module. */
export interface Import {
  /** The specifier as written; undefined when it is computed at run time. */
  readonly specifier: string | undefined;
  /** `resolve` asks only where a module lies (import.meta.resolve, require.resolve) and loads nothing. */
  readonly how: 'load' | 'resolve';
  /** `import type` and `export type`: erased before anything runs. */
  readonly typeOnly: boolean;
}

type Token = { readonly kind: 'word' | 'string' | 'sign'; readonly text: string };

/** After these words a slash begins a regular expression, after any other word a division. */
const BEFORE_EXPRESSION = new Set(
  'await case delete do else extends in instanceof new of return throw typeof void yield'.split(' '),
);
const WORD = /[\p{ID_Start}$_#][\p{ID_Continue}$\u200c\u200d]*|\d[\w.]*/uy;

/** Lists the imports of a source text, in order. */
export function importsOf(source: string): Import[] {
  const tokens = tokenize(source);
  const found: Import[] = [];
  for (const [index, token] of tokens.entries()) {
    const is = (offset: number, text: string): boolean => {
      const other = tokens[index + offset];
      return other?.text === text && other.kind !== 'string';
    };
    const call = (offset: number, how: Import['how']): void => {
      const argument = tokens[index + offset];
      if (argument === undefined || (argument.kind === 'sign' && argument.text === ')')) return;
      const end = tokens[index + offset + 1];
      const literal = argument.kind === 'string' && (end?.text === ')' || end?.text === ',');
      found.push({ specifier: literal ? argument.text : undefined, how, typeOnly: false });
    };
    if (token.kind !== 'word' || is(-1, '.')) {
      if (token.kind === 'word' && token.text === 'getBuiltinModule' && is(1, '(')) call(2, 'load');
      continue;
    }
    const next = tokens[index + 1];
    if (token.text === 'from' && next?.kind === 'string') {
      found.push({ specifier: next.text, how: 'load', typeOnly: isTypeOnly(tokens, index) });
    } else if (token.text === 'import' && next?.kind === 'string') {
      found.push({ specifier: next.text, how: 'load', typeOnly: false });
    } else if (token.text === 'import' && is(1, '(')) {
      call(2, 'load');
    } else if (token.text === 'import' && is(1, '.') && is(2, 'meta') && is(3, '.') && is(4, 'resolve') && is(5, '(')) {
      call(6, 'resolve');
    } else if (token.text === 'require' && is(1, '(')) {
      call(2, 'load');
    } else if (token.text === 'require' && is(1, '.') && is(2, 'resolve') && is(3, '(')) {
      call(4, 'resolve');
    } else if (token.text === 'getBuiltinModule' && is(1, '(')) {
      call(2, 'load');
    }
  }
  return found;
}

function isTypeOnly(tokens: readonly Token[], from: number): boolean {
  for (let index = from - 1; index >= 0; index--) {
    const token = tokens[index];
    if (token?.kind !== 'word' || (token.text !== 'import' && token.text !== 'export')) continue;
    // `import type from 'x'` imports a value that is called type.
    return tokens[index + 1]?.text === 'type' && index + 1 !== from - 1;
  }
  return false;
}

/** Comments and regular expressions are dropped; a template without a substitution is a string. */
function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  /** Depth of braces at which each open template goes on after its substitution. */
  const templates: number[] = [];
  let depth = 0;
  let at = 0;

  const template = (begin: number): void => {
    let index = begin;
    while (index < source.length && source[index] !== '`' && !source.startsWith('${', index)) {
      index += source[index] === '\\' ? 2 : 1;
    }
    if (source.startsWith('${', index)) {
      tokens.push({ kind: 'sign', text: '`' });
      templates.push(depth);
      at = index + 2;
    } else {
      const whole = source[begin - 1] === '`';
      tokens.push(whole ? { kind: 'string', text: source.slice(begin, index) } : { kind: 'sign', text: '`' });
      at = index + 1;
    }
  };

  while (at < source.length) {
    const char = source[at] ?? '';
    WORD.lastIndex = at;
    const word = WORD.exec(source)?.[0];
    if (word !== undefined) {
      tokens.push({ kind: 'word', text: word });
      at += word.length;
    } else if (source.startsWith('//', at) || (at === 0 && source.startsWith('#!'))) {
      at = endOfLine(source, at);
    } else if (source.startsWith('/*', at)) {
      const end = source.indexOf('*/', at + 2);
      at = end === -1 ? source.length : end + 2;
    } else if (char === "'" || char === '"') {
      const end = endOfString(source, at);
      tokens.push({ kind: 'string', text: source.slice(at + 1, end) });
      at = end + 1;
    } else if (char === '`') {
      template(at + 1);
    } else if (char === '/' && beginsExpression(tokens.at(-1))) {
      at = endOfRegExp(source, at);
      tokens.push({ kind: 'word', text: 'regexp' });
    } else if (char === '}' && templates.at(-1) === depth) {
      templates.pop();
      template(at + 1);
    } else {
      if (char === '{') depth++;
      if (char === '}') depth--;
      if (char.trim() !== '') tokens.push({ kind: 'sign', text: char });
      at++;
    }
  }
  return tokens;
}

function beginsExpression(previous: Token | undefined): boolean {
  if (previous === undefined) return true;
  if (previous.kind === 'word') return BEFORE_EXPRESSION.has(previous.text);
  return previous.kind === 'sign' && ![')', ']', '}', '`'].includes(previous.text);
}

function endOfLine(source: string, from: number): number {
  const end = source.indexOf('\n', from);
  return end === -1 ? source.length : end;
}

/** Index of the closing quote; a quote in the text of JSX is no string and ends with its line. */
function endOfString(source: string, from: number): number {
  let index = from + 1;
  while (index < source.length && source[index] !== source[from] && source[index] !== '\n') {
    index += source[index] === '\\' ? 2 : 1;
  }
  return index;
}

function endOfRegExp(source: string, from: number): number {
  let inClass = false;
  for (let index = from + 1; index < source.length; index++) {
    const char = source[index];
    if (char === '\n') return from + 1;
    if (char === '\\') index++;
    else if (char === '[') inClass = true;
    else if (char === ']') inClass = false;
    else if (char === '/' && !inClass) return index + 1;
  }
  return from + 1;
}
