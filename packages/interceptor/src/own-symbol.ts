const known = new Map<string, symbol>();

/** A symbol under which Node keeps something on an object of its own, found by its description. */
export function ownSymbol(object: object, description: string): symbol | undefined {
  const found = known.get(description);
  if (found !== undefined && Object.hasOwn(object, found)) return found;
  const symbol = Object.getOwnPropertySymbols(object).find((candidate) => candidate.description === description);
  if (symbol !== undefined) known.set(description, symbol);
  return symbol;
}
