/** Every branch of the files that parse what strangers wrote, and which of them the inputs reached (V8's block coverage). */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { parseAst } from 'rolldown/parseAst';

export interface ScriptCoverage {
  readonly url: string;
  readonly functions: readonly {
    readonly ranges: readonly { readonly startOffset: number; readonly endOffset: number; readonly count: number }[];
  }[];
}

export interface Branches {
  readonly file: string;
  readonly all: number;
  readonly unreached: readonly Branch[];
}

export interface Branch {
  readonly line: number;
  /** Its first words. */
  readonly words: string;
  /** The nearest function or method around it that has a name. */
  readonly within: string;
}

const ROOT = new URL('../../../', import.meta.url);
const VERIFIER =
  'bundle-reader bytes canonical compare leaf-shape ledger lines merkle note pins predecessor split-view verify-bundle verify-proof page/verify-blob';
/**
 * What judges rows that are read already (retention, findings, the tables of a store) is the matter of the claim
 * `mutation`. The event package is loaded as it is built.
 */
const PARSERS: readonly string[] = [
  ...VERIFIER.split(' ').map((name) => `packages/verifier/src/${name}.ts`),
  'packages/verifier/src/node/note-sources.ts',
  ...['frame', 'parse', 'scan', 'damage', 'reader', 'name'].map((name) => `packages/spool/src/${name}.ts`),
  'packages/event/dist/canonical.js',
  'packages/event/dist/shape.js',
];

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [name: string]: unknown;
}

/** @param coverage of each worker */
export function branchesOf(coverage: readonly (readonly ScriptCoverage[])[]): Branches[] {
  return PARSERS.map((file) => {
    const url = new URL(file, ROOT).href;
    const source = readFileSync(fileURLToPath(url), 'utf8');
    const scripts = coverage.flatMap((one) => one.filter((script) => script.url === url));
    const starts = [...branchStarts(source, file)].toSorted(([a], [b]) => a - b);
    const unreached = starts.filter(([start]) => !scripts.some((script) => isReached(script, start)));
    return { file, all: starts.length, unreached: unreached.map(([start, within]) => branchAt(source, start, within)) };
  });
}

function branchAt(source: string, start: number, within: string): Branch {
  const words = source.slice(start, start + 200).split('\n', 1)[0] ?? '';
  return { line: source.slice(0, start).split('\n').length, words: words.trim().slice(0, 70), within };
}

/** By the smallest range around it: blocks stand inside of functions, and those inside of others. */
function isReached({ functions }: ScriptCoverage, at: number): boolean {
  let [size, reached] = [Infinity, false];
  for (const { ranges } of functions) {
    for (const { startOffset, endOffset, count } of ranges) {
      if (at < startOffset || at >= endOffset || endOffset - startOffset > size) continue;
      [size, reached] = [endOffset - startOffset, count > 0];
    }
  }
  return reached;
}

/** Where something begins that may be passed over: arms, right sides, bodies of functions, loops and `catch`. */
function branchStarts(source: string, file: string): Map<number, string> {
  const starts = new Map<number, string>();
  const visit = (node: Node, around: string): void => {
    const within = nameOf(node) ?? around;
    for (const part of branchesIn(node)) starts.set(part.start, within);
    for (const child of Object.values(node).flat()) if (isNode(child)) visit(child, within);
  };
  visit(parseAst(source, { lang: file.endsWith('.ts') ? 'ts' : 'js' }) as unknown as Node, '');
  return starts;
}

function nameOf({ type, id, key }: Node): string | undefined {
  const named = type === 'FunctionDeclaration' ? id : type === 'MethodDefinition' ? key : undefined;
  return named === undefined ? undefined : String((named as Node)['name']);
}

function branchesIn(node: Node): Node[] {
  const parts = (...names: string[]): Node[] => names.map((name) => node[name]).filter(isNode);
  switch (node.type) {
    case 'IfStatement':
    case 'ConditionalExpression':
      return parts('consequent', 'alternate');
    case 'LogicalExpression':
      return parts('right');
    case 'FunctionDeclaration':
    case 'FunctionExpression':
    case 'ArrowFunctionExpression':
    case 'ForStatement':
    case 'ForOfStatement':
    case 'WhileStatement':
    case 'CatchClause':
      return parts('body');
    case 'SwitchStatement':
      return node['cases'] as Node[];
    default:
      return [];
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value;
}
