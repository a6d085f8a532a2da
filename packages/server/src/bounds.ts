import type { Bound, ReportQuery, RowFilter } from './backend.ts';
import { ApiError } from './errors.ts';

const ISO = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.(\d{1,6})\d*)?)?(?:Z|[+-]\d{2}:\d{2}))?$/;

/**
 * Reads a bound as the command line does: an integer is a sequence number, an ISO 8601 text a time.
 *
 * @throws ApiError `bad-request`
 */
export function boundOf(name: string, text: string): Bound {
  if (/^\d{1,15}$/.test(text)) return { seq: Number(text) };
  return { time: microsOf(name, text) };
}

/**
 * Reads which period and application a figure is asked for.
 *
 * @throws ApiError `bad-request`
 */
export function periodOf({ from, to, app }: { from?: string; to?: string; app?: string }): ReportQuery {
  return {
    ...(from === undefined ? {} : { from: boundOf('from', from) }),
    ...(to === undefined ? {} : { to: boundOf('to', to) }),
    ...(app === undefined ? {} : { app }),
  };
}

/**
 * µs since 1970 UTC of an ISO 8601 text, down to the microsecond.
 *
 * @throws ApiError `bad-request`
 */
export function microsOf(name: string, text: string): number {
  const match = ISO.exec(text);
  const millis = Date.parse(text);
  if (match === null || Number.isNaN(millis)) {
    throw new ApiError(
      'bad-request',
      `"${name}" is ${JSON.stringify(text)}: expected a sequence number or an ISO 8601 time with its zone, such as 2026-03-02T10:15:00Z.`,
    );
  }
  return millis * 1000 + Number((match[1] ?? '').slice(3).padEnd(3, '0'));
}

/**
 * Reads `field=value`.
 *
 * @throws ApiError `bad-request`
 */
export function filterOf(name: string, text: string): RowFilter {
  const match = /^([A-Za-z][A-Za-z0-9]{0,31})=(.*)$/s.exec(text);
  if (match === null) {
    throw new ApiError(
      'bad-request',
      `"${name}" is ${JSON.stringify(text)}: expected FIELD=VALUE, such as host=api.example.org.`,
    );
  }
  return { field: match[1] ?? '', value: match[2] ?? '' };
}
