/** Filters as the address says them: `where=field=value` and `not=field=value`. */
export interface Filter {
  readonly field: string;
  /** Empty = the field is absent. */
  readonly value: string;
  readonly exclude: boolean;
}

export function filtersIn(params: URLSearchParams): Filter[] {
  return [...filtersOf(params.getAll('where'), false), ...filtersOf(params.getAll('not'), true)];
}

function filtersOf(texts: readonly string[], exclude: boolean): Filter[] {
  return texts.flatMap((text) => {
    const cut = text.indexOf('=');
    return cut < 1 ? [] : [{ field: text.slice(0, cut), value: text.slice(cut + 1), exclude }];
  });
}

export function filterParams(filters: readonly Filter[]): (readonly [string, string])[] {
  return filters.map(({ field, value, exclude }) => [exclude ? 'not' : 'where', `${field}=${value}`] as const);
}

export function sameFilter(a: Filter, b: Filter): boolean {
  return a.field === b.field && a.value === b.value && a.exclude === b.exclude;
}
