/** Every check of the compiled verifier, turned off one at a time. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

import { parseAst } from 'rolldown/parseAst';

/** One place to write over. */
export interface Mutant {
  /** Path in the folder of compiled files. */
  readonly file: string;
  readonly line: number;
  /** What is turned off, in the words of the source. */
  readonly check: string;
  /** The finding that it makes, where it names one. */
  readonly code: string | undefined;
  readonly start: number;
  readonly end: number;
  readonly instead: string;
}

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [name: string]: unknown;
}

/** What is no judgement: command line, page, ports to the machine, the list of findings. */
const LEFT_OUT = /^(?:node\/(?:cli|node-crypto|store-file)|page\/.*|index|findings|crypto-port)\.js$/;

/** By the sources, so that what an older build has left behind is not read. */
export function mutantsOf(compiled: string, sources: string): Mutant[] {
  const names = readdirSync(sources, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => name.replace(/\.ts$/, '.js'))
    .filter((name) => !LEFT_OUT.test(name));
  return names.toSorted().flatMap((name) => {
    const path = join(compiled, name);
    return mutantsIn(relative(compiled, path), readFileSync(path, 'utf8'));
  });
}

function mutantsIn(file: string, source: string): Mutant[] {
  const mutants: Mutant[] = [];
  const off = (node: Node, instead: string, about: Node = node): void => {
    const code = /\badd\(\s*'([a-z-]+)'/.exec(source.slice(about.start, about.end))?.[1];
    const line = source.slice(0, node.start).split('\n').length;
    mutants.push({ file, line, check: oneLine(source.slice(node.start, node.end)), code, start: node.start, end: node.end, instead });
  }; // prettier-ignore
  const visit = (node: Node): void => {
    if (isReport(node)) off(node, 'void 0');
    if (node.type === 'IfStatement' && refuses(node['consequent'] as Node)) {
      const test = node['test'] as Node;
      if (!reportsAlone(node['consequent'] as Node)) off(test, 'false', node);
      for (const part of partsOf(test)) off(part, 'false', node);
    }
    for (const child of childrenOf(node)) visit(child);
  };
  visit(parseAst(source) as unknown as Node);
  return mutants;
}

/** `report.add(…)` and `this.#report.add(…)`, and refusals of the reader of bundles. */
function isReport(node: Node): boolean {
  if (node.type !== 'CallExpression') return false;
  const callee = node['callee'] as Node;
  if (callee.type !== 'MemberExpression') return false;
  const [object, property] = [callee['object'] as Node, callee['property'] as Node];
  if (property['name'] === 'refuse') return true;
  const of = object.type === 'MemberExpression' ? (object['property'] as Node) : object;
  return property['name'] === 'add' && of['name'] === 'report';
}

/** Does a branch find something wrong: by a report, an error, or words that say so? */
function refuses(node: Node): boolean {
  if (isReport(node) || node.type === 'ThrowStatement') return true;
  if (node.type === 'ReturnStatement') {
    const value = node['argument'] as Node | null;
    if (value === null) return false;
    if (value.type === 'TemplateLiteral' || value.type === 'ArrayExpression') return true;
    if (value.type === 'Literal') return typeof value['value'] === 'string' || value['value'] === false;
    if (value.type === 'ObjectExpression') return /problem|newer/.test(JSON.stringify(value['properties']));
    return isReport(value);
  }
  return ['BlockStatement', 'ExpressionStatement'].includes(node.type) && childrenOf(node).some(refuses);
}

function reportsAlone(node: Node): boolean {
  if (isReport(node)) return true;
  if (node.type === 'ExpressionStatement') return reportsAlone(node['expression'] as Node);
  const body = node['body'] as Node[] | undefined;
  return node.type === 'BlockStatement' && body?.length === 1 && body.every(reportsAlone);
}

/** The parts of `a || b || c`, each of which is a check of its own. */
function partsOf(test: Node): Node[] {
  if (test.type !== 'LogicalExpression' || test['operator'] !== '||') return [];
  const both = [test['left'] as Node, test['right'] as Node];
  return both.flatMap((side) =>
    side.type === 'LogicalExpression' && side['operator'] === '||' ? partsOf(side) : [side],
  );
}

function childrenOf(node: Node): Node[] {
  return Object.values(node)
    .flat()
    .filter((one): one is Node => typeof one === 'object' && one !== null && 'type' in one);
}

function oneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length <= 90 ? line : `${line.slice(0, 89)}…`;
}
