/** Numbers and times as people read them. */

const COUNT = new Intl.NumberFormat('en-GB');
const ONE_DIGIT = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 1 });
const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB'];

export function count(value: number): string {
  return COUNT.format(value);
}

/** Powers of 1000, one digit behind the point. */
export function bytes(value: number): string {
  let unit = 0;
  let scaled = value;
  // 999,950 bytes are 1 MB, not 1,000 kB.
  while (scaled >= (unit === 0 ? 1000 : 999.95) && unit < UNITS.length - 1) {
    scaled /= 1000;
    unit++;
  }
  if (unit === 0) return `${COUNT.format(value)} ${value === 1 ? 'byte' : 'bytes'}`;
  return `${ONE_DIGIT.format(scaled)} ${UNITS[unit] ?? ''}`;
}

export function share(part: number, whole: number): string {
  if (whole === 0) return '0 %';
  const percent = (part / whole) * 100;
  if (percent > 0 && percent < 1) return '< 1 %';
  if (percent < 100 && percent > 99) return '> 99 %';
  return `${Math.round(percent)} %`;
}

export function plural(value: number, one: string, many: string = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

export function duration(micros: number): string {
  if (micros < 1000) return `${count(micros)} µs`;
  if (micros < 1_000_000) return `${ONE_DIGIT.format(micros / 1000)} ms`;
  return `${ONE_DIGIT.format(micros / 1_000_000)} s`;
}

const two = (value: number): string => String(value).padStart(2, '0');

/** `2026-03-02 10:15:00` in the reader's own time zone. */
export function dateTime(date: Date): string {
  return `${day(date)} ${clock(date)}`;
}

export function day(date: Date): string {
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

export function clock(date: Date): string {
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

export function minutes(date: Date): string {
  return `${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** ISO 8601 in UTC of µs since 1970, down to the microsecond. */
export function isoOfMicros(micros: number): string {
  const millis = new Date(Math.floor(micros / 1000)).toISOString();
  return `${millis.slice(0, -1)}${String(micros % 1000).padStart(3, '0')}Z`;
}

/** How long ago, in one unit. */
export function ago(from: number, now: number): string {
  const seconds = Math.max(0, Math.round((now - from) / 1000));
  if (seconds < 5) return 'just now';
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  return plural(Math.floor(seconds / 86_400), 'day') + ' ago';
}

/** How long until then, in the two units that matter. */
export function timeLeft(until: number, now: number): string {
  const left = Math.max(0, Math.ceil((until - now) / 60_000));
  return left < 60 ? `${left} min` : `${Math.floor(left / 60)} h ${left % 60} min`;
}

/** Offset of the reader's time zone, such as `UTC+2`. */
export function zone(date: Date): string {
  const offset = -date.getTimezoneOffset();
  if (offset === 0) return 'UTC';
  const size = Math.abs(offset);
  const rest = size % 60 === 0 ? '' : `:${two(size % 60)}`;
  return `UTC${offset < 0 ? '−' : '+'}${Math.floor(size / 60)}${rest}`;
}
